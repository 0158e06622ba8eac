//! Flows, and the search for the best few particles.
use crate::callback::{self, Callback};
use crate::context::{alias, c_text, size, Borrowed, Context, Handle};
use crate::energy::Energy;
use crate::error::{Outcome, Result};
use crate::kernel::Kernel;
use crate::measure::{borrow, Measure};
use crate::options::options;
use crate::sys;
use crate::target::Target;
use std::{ops::ControlFlow, os::raw::*, ptr, slice};

/// A measure on its way down an energy.
pub struct Flow(Handle<sys::ift_flow>);

options!(
    Flow,
    ift_flow_set_real,
    ift_flow_set_int,
    ift_flow_set_text,
    ift_flow_get_real,
    ift_flow_get_int,
    ift_flow_get_text
);

impl Flow {
    /// A flow from a copy of `initial` in a geometry, "spherical-ift" say.
    pub fn new(context: &Context, geometry: &str, energy: &Energy, initial: &Measure) -> Result<Self> {
        let geometry = c_text(geometry)?;
        Handle::make(&context.shared, |out| unsafe {
            sys::ift_flow_create(context.shared.raw, out, geometry.as_ptr(), energy.0.raw, initial.0.raw)
        })
        .map(Flow)
    }

    /// The kernel of MMD reactions; None: that of the energy.
    pub fn set_kernel(&mut self, kernel: Option<&Kernel>) -> Result<()> {
        let raw = kernel.map_or(ptr::null(), |kernel| kernel.0.raw as *const _);
        self.0.call(|| unsafe { sys::ift_flow_set_kernel(self.0.raw, raw) }).map(drop)
    }

    /// Takes steps.
    pub fn step(&mut self, steps: usize) -> Result<Outcome> {
        self.0.call(|| unsafe { sys::ift_flow_step(self.0.raw, size(steps)) })
    }

    /// Takes steps, and ends early by the options `tolerance` and `stall`.
    pub fn run(&mut self, steps: usize) -> Result<Outcome> {
        self.0.call(|| unsafe { sys::ift_flow_run(self.0.raw, size(steps)) })
    }

    /// Ends the next run before its first step, or the one whose monitor calls this.
    pub fn request_stop(&self) {
        unsafe { sys::ift_flow_request_stop(self.0.raw) }
    }

    /// A checkpoint: the state as bytes, options included. A monitor may ask for it too.
    pub fn save(&self) -> Result<Vec<u8>> {
        let mut size = 0;
        self.0.call(|| unsafe { sys::ift_flow_save(self.0.raw, ptr::null_mut(), 0, &mut size) })?;
        let mut state = vec![0u8; size as usize];
        self.0.call(|| unsafe { sys::ift_flow_save(self.0.raw, state.as_mut_ptr().cast(), size, &mut size) })?;
        Ok(state)
    }

    /// Back to a state that `save` gave, here or elsewhere; the steps that follow are those of the flow that was saved,
    /// to the last bit. This flow was made in the same way: geometry, number of particles, energy, target and kernel.
    /// It is as it was after an error.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        self.0.call(|| unsafe { sys::ift_flow_restore(self.0.raw, state.as_ptr().cast(), size(state.len())) }).map(drop)
    }

    /// The particles as they are now, until the next step.
    pub fn measure(&self) -> Borrowed<'_, Measure> {
        let raw = self.0.shared.read(|| unsafe { sys::ift_flow_measure(self.0.raw) });
        unsafe { borrow(&self.0, raw) }.expect("a flow has a measure")
    }

    /// `monitor` is called with the flow after each step. A panic in it comes out of the run, and what was computed is
    /// kept.
    pub fn set_monitor<F>(&mut self, monitor: F) -> Result<()>
    where
        F: FnMut(&Flow) -> ControlFlow<()> + Send + 'static,
    {
        unsafe extern "C" fn entry<F>(flow: *const sys::ift_flow, user: *mut c_void) -> c_int
        where
            F: FnMut(&Flow) -> ControlFlow<()>,
        {
            callback::enter(user, |monitor: &mut F| {
                let shared = callback::shared_of::<F>(user).ok_or("no context")?;
                Ok(monitor(&Borrowed::new(Flow(alias(flow, &shared)))).is_break())
            })
        }
        let user = Callback::leak(&Context::from(self.0.shared.clone()), monitor);
        self.0
            .call(|| unsafe {
                sys::ift_flow_set_monitor(self.0.raw, Some(entry::<F>), user, Some(callback::destroy::<F>))
            })
            .map(drop)
    }
}

/// A search for the weighted particles that are closest to a target in MMD.
pub struct Compression(Handle<sys::ift_compression>);

options!(
    Compression,
    ift_compression_set_real,
    ift_compression_set_int,
    ift_compression_set_text,
    ift_compression_get_real,
    ift_compression_get_int,
    ift_compression_get_text
);

impl Compression {
    /// A search for at most `particles` particles.
    pub fn new(context: &Context, kernel: &Kernel, target: &Target, particles: usize) -> Result<Self> {
        Handle::make(&context.shared, |out| unsafe {
            sys::ift_compression_create(context.shared.raw, out, kernel.0.raw, target.0.raw, size(particles))
        })
        .map(Compression)
    }

    /// Searches to the end.
    pub fn run(&mut self) -> Result<Outcome> {
        self.0.call(|| unsafe { sys::ift_compression_run(self.0.raw) })
    }

    /// As [`Flow::request_stop`].
    pub fn request_stop(&self) {
        unsafe { sys::ift_compression_request_stop(self.0.raw) }
    }

    /// The best particles so far, until the next run; None before anything was found.
    pub fn measure(&self) -> Option<Borrowed<'_, Measure>> {
        let raw = self.0.shared.read(|| unsafe { sys::ift_compression_measure(self.0.raw) });
        unsafe { borrow(&self.0, raw) }
    }

    /// With the option points=data, which of the target's points they are.
    pub fn rows(&self) -> Option<&[i64]> {
        let rows = self.0.shared.read(|| unsafe { sys::ift_compression_rows(self.0.raw) });
        let count = self.measure().map_or(0, |measure| measure.len());
        (!rows.is_null()).then(|| unsafe { slice::from_raw_parts(rows, count) })
    }

    /// As [`Flow::set_monitor`].
    pub fn set_monitor<F>(&mut self, monitor: F) -> Result<()>
    where
        F: FnMut(&Compression) -> ControlFlow<()> + Send + 'static,
    {
        unsafe extern "C" fn entry<F>(search: *const sys::ift_compression, user: *mut c_void) -> c_int
        where
            F: FnMut(&Compression) -> ControlFlow<()>,
        {
            callback::enter(user, |monitor: &mut F| {
                let shared = callback::shared_of::<F>(user).ok_or("no context")?;
                Ok(monitor(&Borrowed::new(Compression(alias(search, &shared)))).is_break())
            })
        }
        let user = Callback::leak(&Context::from(self.0.shared.clone()), monitor);
        self.0
            .call(|| unsafe {
                sys::ift_compression_set_monitor(self.0.raw, Some(entry::<F>), user, Some(callback::destroy::<F>))
            })
            .map(drop)
    }
}

/// The best few particles for a target, and their MMD^2 to it. `options` are words NAME=VALUE, "effort=high seed=1".
pub fn compress(
    context: &Context,
    kernel: &Kernel,
    target: &Target,
    particles: usize,
    options: &str,
) -> Result<(Measure, f64)> {
    let options = c_text(options)?;
    let mut mmd2 = f64::NAN;
    let to: *mut f64 = &mut mmd2;
    let few = Handle::make(&context.shared, |out| unsafe {
        let (kernel, target) = (kernel.0.raw, target.0.raw);
        sys::ift_compress(context.shared.raw, out, to, kernel, target, size(particles), options.as_ptr())
    })?;
    Ok((Measure(few), mmd2))
}
