//! The context, its lock, and handles.
use crate::callback::{self, Callback, Raised};
use crate::error::{Error, Outcome, Result};
use crate::options::Value;
use crate::sys;
use std::{
    cell::Cell,
    ffi::{CStr, CString},
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::Deref,
    os::raw::{c_char, c_void},
    panic, ptr,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// What all objects of one part of a program share: seed, threads, log. Objects can be used together only if they were
/// made from the same context. A clone is the same context.
///
/// Everything may be sent to another thread, and nothing may be shared between threads. Objects of one context that are
/// on different threads wait for each other; for computations side by side make a context for each thread.
#[derive(Clone)]
pub struct Context {
    pub(crate) shared: Arc<Shared>,
    not_sync: PhantomData<Cell<()>>,
}

impl Context {
    pub fn new() -> Result<Self> {
        let mut raw = ptr::null_mut();
        let status = unsafe { sys::ift_context_create(&mut raw) };
        if status < 0 {
            return Err(Error::new(status, "no memory for a context".into()));
        }
        Ok(Context::from(Arc::new(Shared { raw, lock: Lock::default(), raised: Mutex::new(None) })))
    }

    pub(crate) fn from(shared: Arc<Shared>) -> Self {
        Context { shared, not_sync: PhantomData }
    }

    /// Sets an option by name.
    pub fn set<'v>(&self, option: &str, value: impl Into<Value<'v>>) -> Result<&Self> {
        let name = c_text(option)?;
        let text = c_text(&match value.into() {
            Value::Real(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Text(value) => value.to_string(),
        })?;
        self.shared.call(|| unsafe { sys::ift_context_set_option(self.shared.raw, name.as_ptr(), text.as_ptr()) })?;
        Ok(self)
    }

    /// Seed of what is made from this context from now on.
    pub fn set_seed(&self, seed: u64) -> Result<()> {
        self.shared.call(|| unsafe { sys::ift_context_set_seed(self.shared.raw, seed) }).map(drop)
    }

    /// Number of threads that loops may use, the calling one included; results don't depend on it.
    pub fn set_threads(&self, threads: usize) -> Result<()> {
        let threads = threads.try_into().unwrap_or(i32::MAX);
        self.shared.call(|| unsafe { sys::ift_context_set_threads(self.shared.raw, threads) }).map(drop)
    }

    /// Lines that tell what the library decided go to `log`, which must not use objects of this context.
    pub fn set_log<F: FnMut(&str) + Send + 'static>(&self, log: F) -> Result<()> {
        unsafe extern "C" fn entry<F: FnMut(&str) + Send>(text: *const c_char, user: *mut c_void) {
            callback::enter(user, |log: &mut F| {
                log(&CStr::from_ptr(text).to_string_lossy());
                Ok(false)
            });
        }
        let user = Callback::leak(self, log);
        let destroy = Some(callback::destroy::<F> as unsafe extern "C" fn(*mut c_void));
        self.shared
            .call(|| unsafe { sys::ift_context_set_log(self.shared.raw, Some(entry::<F>), user, destroy) })
            .map(drop)
    }
}

/// One handle of a C context, what goes with it, and the lock that makes one thread at a time of its users.
pub(crate) struct Shared {
    pub raw: *mut sys::ift_context,
    lock: Lock,
    raised: Mutex<Option<Raised>>,
}

// The pointer is used under the lock only, except to destroy it.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Drop for Shared {
    fn drop(&mut self) {
        unsafe { sys::ift_context_destroy(self.raw) }
    }
}

impl Shared {
    /// Keeps what came out of a callback until the library has returned.
    pub fn keep(&self, raised: Raised) {
        *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(raised);
    }

    /// A call that answers with something else.
    pub fn read<R>(&self, function: impl FnOnce() -> R) -> R {
        let _guard = self.lock.enter();
        function()
    }

    /// A call that answers with a status. Errors and panics of callbacks come out of it.
    pub fn call(&self, function: impl FnOnce() -> sys::Status) -> Result<Outcome> {
        let guard = self.lock.enter();
        let status = function();
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
        match raised {
            Some(Raised::Panic(payload)) => {
                drop(guard);
                panic::resume_unwind(payload)
            }
            Some(Raised::Error(source)) => return Err(Error::callback(source)),
            None => {}
        }
        if status < 0 {
            let message = unsafe { CStr::from_ptr(sys::ift_context_message(self.raw)) };
            return Err(Error::new(status, message.to_string_lossy().into_owned()));
        }
        Ok(Outcome::from(status))
    }
}

/// A lock that a thread may take again, since callbacks call the library too.
#[derive(Default)]
struct Lock {
    holder: Mutex<(Option<ThreadId>, usize)>,
    free: Condvar,
}

struct Guard<'a>(&'a Lock);

impl Lock {
    fn holder(&self) -> MutexGuard<'_, (Option<ThreadId>, usize)> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self) -> Guard<'_> {
        let me = Some(thread::current().id());
        let mut holder = self.holder();
        while holder.0.is_some() && holder.0 != me {
            holder = self.free.wait(holder).unwrap_or_else(PoisonError::into_inner);
        }
        *holder = (me, holder.1 + 1);
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let mut holder = self.0.holder();
        holder.1 -= 1;
        if holder.1 == 0 {
            holder.0 = None;
            self.0.free.notify_one();
        }
    }
}

/// What a C type has to have.
pub(crate) trait Noun {
    unsafe fn destroy(raw: *mut Self);
}

macro_rules! nouns {
    ($($name:ident: $destroy:ident;)*) => {$(
        impl Noun for sys::$name {
            unsafe fn destroy(raw: *mut Self) {
                sys::$destroy(raw)
            }
        }
    )*};
}
nouns! {
    ift_measure: ift_measure_destroy;
    ift_kernel: ift_kernel_destroy;
    ift_target: ift_target_destroy;
    ift_energy: ift_energy_destroy;
    ift_flow: ift_flow_destroy;
    ift_compression: ift_compression_destroy;
}

/// A C object.
pub(crate) struct Handle<T: Noun> {
    pub raw: *mut T,
    pub shared: Arc<Shared>,
}

// Calls take the lock of the context, _destroy may come from any thread, closures inside are Send.
unsafe impl<T: Noun> Send for Handle<T> {}

impl<T: Noun> Drop for Handle<T> {
    fn drop(&mut self) {
        unsafe { T::destroy(self.raw) }
    }
}

impl<T: Noun> Handle<T> {
    /// What `function` puts into its argument.
    pub fn make(shared: &Arc<Shared>, function: impl FnOnce(*mut *mut T) -> sys::Status) -> Result<Self> {
        let mut handle = Handle { raw: ptr::null_mut(), shared: shared.clone() };
        let out: *mut *mut T = &mut handle.raw;
        shared.call(|| function(out))?;
        Ok(handle)
    }

    /// The same with a closure that the object will own, and its destructor.
    pub fn with_callback<F: Send + 'static>(
        context: &Context,
        function: F,
        make: impl FnOnce(*mut *mut T, *mut c_void, sys::Destroy) -> sys::Status,
    ) -> Result<Self> {
        let user = Callback::leak(context, function);
        Handle::make(&context.shared, |out| make(out, user, Some(callback::destroy::<F>)))
    }

    pub fn call(&self, function: impl FnOnce() -> sys::Status) -> Result<Outcome> {
        self.shared.call(function)
    }

    /// A number that `function` puts into its argument.
    pub fn number(&self, function: impl FnOnce(*mut f64) -> sys::Status) -> Result<f64> {
        let mut out = f64::NAN;
        self.call(|| function(&mut out))?;
        Ok(out)
    }

    /// `count` numbers.
    pub fn numbers(&self, count: usize, function: impl FnOnce(*mut f64) -> sys::Status) -> Result<Vec<f64>> {
        let mut out = vec![0.0; count];
        self.call(|| function(out.as_mut_ptr()))?;
        Ok(out)
    }
}

/// An object that belongs to another one, for as long as that one is not changed.
pub struct Borrowed<'a, T> {
    object: ManuallyDrop<T>,
    owner: PhantomData<(&'a (), *const ())>, // the pointer keeps it on the owner's thread
}

impl<'a, T> Borrowed<'a, T> {
    /// `object` is never dropped: what it holds is the owner's.
    pub(crate) fn new(object: T) -> Self {
        Borrowed { object: ManuallyDrop::new(object), owner: PhantomData }
    }
}

impl<T> Deref for Borrowed<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.object
    }
}

/// A second holder of a handle, for a [`Borrowed`] only: it doesn't count.
pub(crate) unsafe fn alias<T: Noun>(raw: *const T, shared: &Arc<Shared>) -> Handle<T> {
    Handle { raw: raw as *mut T, shared: ptr::read(shared) }
}

/// A text for C.
pub(crate) fn c_text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::argument(format!("{text:?} has a NUL in it")))
}

/// A size for C.
pub(crate) fn size(value: usize) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
