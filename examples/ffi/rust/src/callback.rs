//! Closures that the library calls.
//!
//! The library owns them: `user` points to a [`Callback`], which `destroy` frees. Neither panics nor errors go through
//! its frames: they are kept in the context, and come out of the call that led to them.
use crate::context::{Context, Shared};
use crate::error::BoxError;
use std::{
    any::Any,
    cell::RefCell,
    os::raw::{c_int, c_void},
    panic::{self, AssertUnwindSafe},
    ptr, slice,
    sync::{Arc, Weak},
};

/// What came out of a callback.
pub(crate) enum Raised {
    Error(BoxError),
    Panic(Box<dyn Any + Send>),
}

/// A closure, and the context of the object that owns it. Not the other way round: a context owns its log.
pub(crate) struct Callback<F> {
    shared: Weak<Shared>,
    function: RefCell<F>,
}

impl<F: Send + 'static> Callback<F> {
    /// The `user` of a C function that is given `destroy::<F>` too.
    pub fn leak(context: &Context, function: F) -> *mut c_void {
        let callback = Callback { shared: Arc::downgrade(&context.shared), function: RefCell::new(function) };
        Box::into_raw(Box::new(callback)) as *mut c_void
    }
}

pub(crate) unsafe extern "C" fn destroy<F>(user: *mut c_void) {
    let callback = Box::from_raw(user as *mut Callback<F>);
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(callback))) {
        std::mem::forget(payload); // nobody is there to get it, and its own destructor might panic
    }
}

/// Calls `body` with the closure; its answer, `true` to stop, in the way of C.
pub(crate) unsafe fn enter<F>(user: *mut c_void, body: impl FnOnce(&mut F) -> Result<bool, BoxError>) -> c_int {
    let callback = &*(user as *const Callback<F>);
    let result = panic::catch_unwind(AssertUnwindSafe(|| match callback.function.try_borrow_mut() {
        Ok(mut function) => body(&mut function),
        Err(_) => Err("a callback was entered from itself".into()),
    }));
    let raised = match result {
        Ok(Ok(stop)) => return c_int::from(stop),
        Ok(Err(error)) => Raised::Error(error),
        Err(payload) => Raised::Panic(payload),
    };
    if let Some(shared) = callback.shared.upgrade() {
        shared.keep(raised);
    }
    -1
}

/// The context of a closure, of which there is one as long as it is called.
pub(crate) unsafe fn shared_of<F>(user: *mut c_void) -> Option<Arc<Shared>> {
    (*(user as *const Callback<F>)).shared.upgrade()
}

/// n points of one dimension, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    data: &'a [f64],
    dim: usize,
}

impl<'a> Points<'a> {
    /// # Panics
    /// If the length of `data` is no multiple of `dim`, or `dim` is 0.
    pub fn new(data: &'a [f64], dim: usize) -> Self {
        assert!(dim > 0 && data.len() % dim == 0, "{} numbers are no points of dimension {}", data.len(), dim);
        Points { data, dim }
    }

    pub(crate) unsafe fn from_c(data: *const f64, n: i64, d: i64) -> Self {
        Points { data: input(data, n * d), dim: d as usize }
    }

    pub fn dim(&self) -> usize {
        self.dim
    }

    pub fn len(&self) -> usize {
        self.data.len() / self.dim
    }

    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    pub fn data(&self) -> &'a [f64] {
        self.data
    }

    /// Point after point.
    pub fn iter(&self) -> slice::ChunksExact<'a, f64> {
        self.data.chunks_exact(self.dim)
    }
}

impl<'a> IntoIterator for Points<'a> {
    type Item = &'a [f64];
    type IntoIter = slice::ChunksExact<'a, f64>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Numbers that a callback is given; NULL is none.
pub(crate) unsafe fn input<'a>(data: *const f64, count: i64) -> &'a [f64] {
    if data.is_null() {
        return &[];
    }
    slice::from_raw_parts(data, count as usize)
}

/// Numbers that a callback is to write, which are 0 at first; NULL: it isn't asked for them.
pub(crate) unsafe fn output<'a>(data: *mut f64, count: i64) -> Option<&'a mut [f64]> {
    if data.is_null() {
        return None;
    }
    ptr::write_bytes(data, 0, count as usize);
    Some(slice::from_raw_parts_mut(data, count as usize))
}
