//! The functions of <ift.h>.
#![allow(non_camel_case_types)]
use std::os::raw::{c_char, c_int, c_void};

macro_rules! opaque {
    ($($name:ident)*) => {$(
        #[repr(C)]
        pub struct $name {
            _private: [u8; 0],
        }
    )*};
}
opaque!(ift_context ift_measure ift_kernel ift_target ift_energy ift_flow ift_compression);

/// An ift_status, which is as wide as an int; a Rust enum would have to know the numbers of later releases.
pub type Status = c_int;
pub type Destroy = Option<unsafe extern "C" fn(*mut c_void)>;
pub type Log = Option<unsafe extern "C" fn(*const c_char, *mut c_void)>;
pub type Kernel = unsafe extern "C" fn(*mut f64, *mut f64, *const f64, i64, *const f64, i64, i64, *mut c_void) -> c_int;
pub type Points = unsafe extern "C" fn(*mut f64, *const f64, i64, i64, *mut c_void) -> c_int;
pub type Hessian = unsafe extern "C" fn(*mut f64, *const f64, *const f64, i64, i64, *mut c_void) -> c_int;
pub type Sample = unsafe extern "C" fn(*mut f64, i64, i64, u64, *mut c_void) -> c_int;
pub type Potential = unsafe extern "C" fn(*mut f64, *mut f64, *const f64, i64, i64, *mut c_void) -> c_int;
pub type Energy = unsafe extern "C" fn(
    *mut f64,
    *mut f64,
    *mut f64,
    *const f64,
    i64,
    *const f64,
    *const f64,
    i64,
    i64,
    *mut c_void,
) -> c_int;
pub type FlowMonitor = Option<unsafe extern "C" fn(*const ift_flow, *mut c_void) -> c_int>;
pub type CompressionMonitor = Option<unsafe extern "C" fn(*const ift_compression, *mut c_void) -> c_int>;

#[rustfmt::skip]
extern "C" {
    pub fn ift_context_create(out: *mut *mut ift_context) -> Status;
    pub fn ift_context_destroy(context: *mut ift_context);
    pub fn ift_context_set_seed(context: *mut ift_context, seed: u64) -> Status;
    pub fn ift_context_set_threads(context: *mut ift_context, threads: c_int) -> Status;
    pub fn ift_context_set_option(context: *mut ift_context, option: *const c_char, value: *const c_char) -> Status;
    pub fn ift_context_set_log(context: *mut ift_context, log: Log, user: *mut c_void, destroy: Destroy) -> Status;
    pub fn ift_context_message(context: *const ift_context) -> *const c_char;
    pub fn ift_status_name(status: Status) -> *const c_char;
    pub fn ift_version() -> c_int;
    pub fn ift_build_info(out: *mut c_char, capacity: i64) -> i64;

    pub fn ift_measure_create(context: *mut ift_context, out: *mut *mut ift_measure, positions: *const f64, n: i64, d: i64, weights: *const f64) -> Status;
    pub fn ift_measure_clone(measure: *const ift_measure, out: *mut *mut ift_measure) -> Status;
    pub fn ift_measure_destroy(measure: *mut ift_measure);
    pub fn ift_measure_size(measure: *const ift_measure) -> i64;
    pub fn ift_measure_dim(measure: *const ift_measure) -> i64;
    pub fn ift_measure_mass(measure: *const ift_measure) -> f64;
    pub fn ift_measure_positions(measure: *const ift_measure) -> *const f64;
    pub fn ift_measure_weights(measure: *const ift_measure) -> *const f64;
    pub fn ift_measure_set(measure: *mut ift_measure, positions: *const f64, weights: *const f64) -> Status;
    pub fn ift_measure_normalize(measure: *mut ift_measure, mass: f64) -> Status;
    pub fn ift_measure_moments(measure: *const ift_measure, mean: *mut f64, covariance: *mut f64) -> Status;
    pub fn ift_measure_effective_size(measure: *const ift_measure) -> f64;
    pub fn ift_measure_resample(measure: *const ift_measure, out: *mut *mut ift_measure, size: i64) -> Status;
    pub fn ift_measure_prune(measure: *const ift_measure, out: *mut *mut ift_measure, threshold: f64) -> Status;
    pub fn ift_measure_merge(measure: *const ift_measure, out: *mut *mut ift_measure, distance: f64) -> Status;
    pub fn ift_measure_load(context: *mut ift_context, out: *mut *mut ift_measure, path: *const c_char) -> Status;
    pub fn ift_measure_save(measure: *const ift_measure, path: *const c_char) -> Status;

    pub fn ift_kernel_parse(context: *mut ift_context, out: *mut *mut ift_kernel, spec: *const c_char) -> Status;
    pub fn ift_kernel_gaussian(context: *mut ift_context, out: *mut *mut ift_kernel, sigma: f64) -> Status;
    pub fn ift_kernel_sum(context: *mut ift_context, out: *mut *mut ift_kernel, kernels: *const *const ift_kernel, coefficients: *const f64, count: i64) -> Status;
    pub fn ift_kernel_custom(context: *mut ift_context, out: *mut *mut ift_kernel, evaluate: Kernel, user: *mut c_void, destroy: Destroy) -> Status;
    pub fn ift_kernel_destroy(kernel: *mut ift_kernel);
    pub fn ift_kernel_gram(kernel: *const ift_kernel, gram: *mut f64, x: *const f64, n: i64, d: i64, y: *const f64, m: i64) -> Status;
    pub fn ift_kernel_sum_pairs(kernel: *const ift_kernel, value: *mut f64, gradient: *mut f64, x: *const f64, n: i64, d: i64, y: *const f64, m: i64, w: *const f64) -> Status;
    pub fn ift_kernel_check(kernel: *const ift_kernel, x: *const f64, n: i64, d: i64, tolerance: f64) -> Status;
    pub fn ift_bandwidth_median(measure: *const ift_measure, out: *mut f64) -> Status;
    pub fn ift_mmd2(kernel: *const ift_kernel, out: *mut f64, a: *const ift_measure, b: *const ift_measure) -> Status;
    pub fn ift_mmd2_standard_error(kernel: *const ift_kernel, out: *mut f64, a: *const ift_measure, b: *const ift_measure) -> Status;
    pub fn ift_witness(kernel: *const ift_kernel, out: *mut f64, points: *const f64, n: i64, d: i64, a: *const ift_measure, b: *const ift_measure) -> Status;

    pub fn ift_target_samples(context: *mut ift_context, out: *mut *mut ift_target, samples: *const ift_measure) -> Status;
    pub fn ift_target_gaussian_mixture(context: *mut ift_context, out: *mut *mut ift_target, count: i64, d: i64, weights: *const f64, means: *const f64, covariances: *const f64) -> Status;
    pub fn ift_target_density(context: *mut ift_context, out: *mut *mut ift_target, d: i64, log_density: Option<Points>, score: Option<Points>, hessian: Option<Hessian>, user: *mut c_void, destroy: Destroy) -> Status;
    pub fn ift_target_sampler(context: *mut ift_context, out: *mut *mut ift_target, d: i64, sample: Sample, user: *mut c_void, destroy: Destroy) -> Status;
    pub fn ift_target_destroy(target: *mut ift_target);

    pub fn ift_energy_mmd(context: *mut ift_context, out: *mut *mut ift_energy, kernel: *const ift_kernel, target: *const ift_target) -> Status;
    pub fn ift_energy_kl(context: *mut ift_context, out: *mut *mut ift_energy, target: *const ift_target, bandwidth: f64) -> Status;
    pub fn ift_energy_potential(context: *mut ift_context, out: *mut *mut ift_energy, d: i64, potential: Potential, user: *mut c_void, destroy: Destroy) -> Status;
    pub fn ift_energy_interaction(context: *mut ift_context, out: *mut *mut ift_energy, d: i64, kernel: *const ift_kernel) -> Status;
    pub fn ift_energy_sum(context: *mut ift_context, out: *mut *mut ift_energy, coefficients: *const f64, energies: *const *const ift_energy, count: i64) -> Status;
    pub fn ift_energy_custom(context: *mut ift_context, out: *mut *mut ift_energy, d: i64, evaluate: Energy, user: *mut c_void, destroy: Destroy) -> Status;
    pub fn ift_energy_check(energy: *const ift_energy, measure: *const ift_measure, tolerance: f64) -> Status;
    pub fn ift_energy_destroy(energy: *mut ift_energy);
    pub fn ift_energy_value(energy: *const ift_energy, out: *mut f64, measure: *const ift_measure) -> Status;
    pub fn ift_energy_first_variation(energy: *const ift_energy, out: *mut f64, points: *const f64, n: i64, d: i64, measure: *const ift_measure) -> Status;
    pub fn ift_energy_gradient(energy: *const ift_energy, out: *mut f64, points: *const f64, n: i64, d: i64, measure: *const ift_measure) -> Status;

    pub fn ift_flow_create(context: *mut ift_context, out: *mut *mut ift_flow, geometry: *const c_char, energy: *const ift_energy, initial: *const ift_measure) -> Status;
    pub fn ift_flow_destroy(flow: *mut ift_flow);
    pub fn ift_flow_set_real(flow: *mut ift_flow, option: *const c_char, value: f64) -> Status;
    pub fn ift_flow_set_int(flow: *mut ift_flow, option: *const c_char, value: i64) -> Status;
    pub fn ift_flow_set_text(flow: *mut ift_flow, option: *const c_char, value: *const c_char) -> Status;
    pub fn ift_flow_get_real(flow: *const ift_flow, quantity: *const c_char, out: *mut f64) -> Status;
    pub fn ift_flow_get_int(flow: *const ift_flow, quantity: *const c_char, out: *mut i64) -> Status;
    pub fn ift_flow_get_text(flow: *const ift_flow, quantity: *const c_char, out: *mut c_char, capacity: i64) -> Status;
    pub fn ift_flow_set_kernel(flow: *mut ift_flow, kernel: *const ift_kernel) -> Status;
    pub fn ift_flow_step(flow: *mut ift_flow, steps: i64) -> Status;
    pub fn ift_flow_run(flow: *mut ift_flow, steps: i64) -> Status;
    pub fn ift_flow_request_stop(flow: *mut ift_flow);
    pub fn ift_flow_save(flow: *const ift_flow, buffer: *mut c_void, capacity: i64, size: *mut i64) -> Status;
    pub fn ift_flow_restore(flow: *mut ift_flow, buffer: *const c_void, size: i64) -> Status;
    pub fn ift_flow_measure(flow: *const ift_flow) -> *const ift_measure;
    pub fn ift_flow_set_monitor(flow: *mut ift_flow, monitor: FlowMonitor, user: *mut c_void, destroy: Destroy) -> Status;

    pub fn ift_compression_create(context: *mut ift_context, out: *mut *mut ift_compression, kernel: *const ift_kernel, target: *const ift_target, particles: i64) -> Status;
    pub fn ift_compression_destroy(compression: *mut ift_compression);
    pub fn ift_compression_set_real(compression: *mut ift_compression, option: *const c_char, value: f64) -> Status;
    pub fn ift_compression_set_int(compression: *mut ift_compression, option: *const c_char, value: i64) -> Status;
    pub fn ift_compression_set_text(compression: *mut ift_compression, option: *const c_char, value: *const c_char) -> Status;
    pub fn ift_compression_get_real(compression: *const ift_compression, quantity: *const c_char, out: *mut f64) -> Status;
    pub fn ift_compression_get_int(compression: *const ift_compression, quantity: *const c_char, out: *mut i64) -> Status;
    pub fn ift_compression_get_text(compression: *const ift_compression, quantity: *const c_char, out: *mut c_char, capacity: i64) -> Status;
    pub fn ift_compression_run(compression: *mut ift_compression) -> Status;
    pub fn ift_compression_request_stop(compression: *mut ift_compression);
    pub fn ift_compression_measure(compression: *const ift_compression) -> *const ift_measure;
    pub fn ift_compression_rows(compression: *const ift_compression) -> *const i64;
    pub fn ift_compression_set_monitor(compression: *mut ift_compression, monitor: CompressionMonitor, user: *mut c_void, destroy: Destroy) -> Status;
    pub fn ift_compress(context: *mut ift_context, out: *mut *mut ift_measure, mmd2: *mut f64, kernel: *const ift_kernel, target: *const ift_target, particles: i64, options: *const c_char) -> Status;

    pub fn ift_simplex_qp(context: *mut ift_context, weights: *mut f64, gap: *mut f64, iterations: *mut i64, gram: *const f64, linear: *const f64, n: i64, mass: f64, start: *const f64, method: *const c_char, tolerance: f64) -> Status;
    pub fn ift_cone_qp(context: *mut ift_context, weights: *mut f64, gap: *mut f64, iterations: *mut i64, gram: *const f64, linear: *const f64, n: i64, start: *const f64, method: *const c_char, tolerance: f64) -> Status;
    pub fn ift_simplex_project(context: *mut ift_context, weights: *mut f64, values: *const f64, n: i64, mass: f64) -> Status;

    pub fn ift_option_count() -> i64;
    pub fn ift_option_noun(index: i64) -> *const c_char;
    pub fn ift_option_name(index: i64) -> *const c_char;
    pub fn ift_option_type(index: i64) -> *const c_char;
    pub fn ift_option_access(index: i64) -> *const c_char;
    pub fn ift_option_range(index: i64) -> *const c_char;
    pub fn ift_option_default(index: i64) -> *const c_char;
    pub fn ift_option_applies(index: i64) -> *const c_char;
    pub fn ift_option_doc(index: i64) -> *const c_char;
    pub fn ift_kind_count() -> i64;
    pub fn ift_kind_noun(index: i64) -> *const c_char;
    pub fn ift_kind_name(index: i64) -> *const c_char;
    pub fn ift_kind_spec(index: i64) -> *const c_char;
    pub fn ift_kind_doc(index: i64) -> *const c_char;
}
