/* ift/flow.h - gradient flows. Part of libift; include <ift.h>. */
#ifndef IFT_FLOW_H
#define IFT_FLOW_H

#include <ift/energy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A particle measure on its way down an energy. One step is a transport step of size tau followed by a reaction step
 * of size eta (Lie splitting, eq. (14) of the paper), or half the reaction, the transport and the other half (option
 * `splitting` on strang); a geometry says which transport and which reaction there are. In a geometry of joint steps
 * positions and weights move together for a time eta. */
typedef struct ift_flow ift_flow;

/* A flow of `energy` from a copy of `initial` in one of the geometries
 *
 *     wasserstein                           transport                        mass kept
 *     mmd, spherical-mmd                    MMD reaction                     free, kept
 *     fisher-rao, spherical-fisher-rao      Fisher-Rao reaction              free, kept
 *     ift, spherical-ift                    transport + MMD reaction         free, kept
 *     wfr, spherical-wfr                    transport + Fisher-Rao reaction  free, kept
 *     projected-mmd                         joint steps                      kept
 *
 * Mass kept means kept at the mass of `initial`. Errors: ARGUMENT, OPTION (unknown geometry), CONTEXT, DIMENSION,
 * NOT_FINITE, CALLBACK, NO_MEMORY. */
IFT_API ift_status ift_flow_create(ift_context *context, ift_flow **out, const char *geometry, const ift_energy *energy,
                                   const ift_measure *initial);

/* In a callback of the flow itself: takes effect when the running call returns. */
IFT_API void ift_flow_destroy(ift_flow *flow);

/* Sets an option by name (noun "flow" in <ift/catalogue.h>; - and _ mean the same in a name) between two steps.
 * _set_text takes every option, numbers in the C locale and "auto" included, and "none" for the transport or reaction
 * that a geometry has not; _set_int takes real options too.
 * Errors: ARGUMENT, OPTION (unknown name, with the nearest one; a quantity; wrong type; out of range; of no use in
 * this geometry, unless it is the default), BUSY. */
IFT_API ift_status ift_flow_set_real(ift_flow *flow, const char *option, double value);
IFT_API ift_status ift_flow_set_int(ift_flow *flow, const char *option, int64_t value);
IFT_API ift_status ift_flow_set_text(ift_flow *flow, const char *option, const char *value);

/* Reads an option or a quantity. _get_real answers for integers too; a quantity that does not apply (a dissipation
 * at step 0, the gap of a closed-form target) is NaN; an option on `auto` is the value in force. _get_text writes
 * any entry as text, NUL-terminated; 64 bytes always suffice. Allowed inside the flow's monitor. Errors: ARGUMENT
 * (also a `capacity` too small), OPTION (unknown name, wrong type); from what is computed on demand (energy, mmd2, gap,
 * stationarity, decay_rate, and tau, eta and regularization on `auto`) NOT_FINITE, CALLBACK, NO_MEMORY. Reading changes
 * nothing that a step depends on. */
IFT_API ift_status ift_flow_get_real(const ift_flow *flow, const char *quantity, double *out);
IFT_API ift_status ift_flow_get_int(const ift_flow *flow, const char *quantity, int64_t *out);
IFT_API ift_status ift_flow_get_text(const ift_flow *flow, const char *quantity, char *out, int64_t capacity);

/* The kernel of MMD reactions, retained; NULL: the one of the energy. An energy other than ift_energy_mmd has none, and
 * MMD reactions except `gradient` need one; with a kernel of its own a flow of ift_energy_mmd is treated as one of any
 * energy, whose reactions are linearized. Errors: ARGUMENT, CONTEXT, OPTION (no MMD reaction), CAPABILITY (the kernel
 * is only conditionally positive definite), BUSY. */
IFT_API ift_status ift_flow_set_kernel(ift_flow *flow, const ift_kernel *kernel);

/* Takes `steps` >= 0 steps. Returns IFT_OK after all of them; IFT_STOPPED (by a callback or a request) or
 * IFT_STALLED (under step_control=monotone no step, however small, keeps the energy from rising, or no joint step lowers
 * it) after fewer. The
 * first call allocates what the options in force need; later steps allocate nothing. After an error in step k the
 * flow is as it was after step k-1. Errors: ARGUMENT, OPTION (options that exclude each other), CAPABILITY (a mode
 * for which the energy or its target lacks something: `batch` without a target to draw from, an MMD reaction without a
 * kernel, `langevin` without a potential, joint steps without an MMD or with a kernel that has a kink), NOT_FINITE (a step left the numbers or the support of a density; under
 * step_control=monotone, every step did, however small), CALLBACK, NO_MEMORY, BUSY. */
IFT_API ift_status ift_flow_step(ift_flow *flow, int64_t steps);

/* The same, and ends early by the options `tolerance` (IFT_CONVERGED; also before the first step) and `stall`
 * (IFT_STALLED). */
IFT_API ift_status ift_flow_run(ift_flow *flow, int64_t steps);

/* Ends the running ift_flow_step or _run after the step that is under way, or the next one before its first step.
 * One lock-free store: safe from any thread and from a signal handler. The request is spent by the call that it
 * ends. NULL: nothing. */
IFT_API void ift_flow_request_stop(ift_flow *flow);

/* The current particles, dead ones included, in the order of `initial`. Borrowed: the handle lives as long as the
 * flow, its arrays are valid until the flow's next step or run. NULL for NULL. */
IFT_API const ift_measure *ift_flow_measure(const ift_flow *flow);

/* Checkpoints: the state of a flow as bytes, the same on every machine, with a checksum. ift_flow_save writes them into
 * `buffer` of `capacity` bytes and their number into *size; with `buffer` NULL it only tells that number. Allowed inside the
 * flow's monitor. Errors: ARGUMENT (also a buffer too small).
 *
 * ift_flow_restore puts a flow into the state that was saved, options included, monitor and request to stop excepted. The
 * flow was made in the same geometry, with as many particles, the same energy, target and kernel, which a hash tells (of
 * callbacks only that they are some); its own particles are given up. On the same kind of processor and BLAS the steps
 * that follow are, bit for bit, those of the flow that was saved; `decay_rate` is NaN until the first of them. On an error
 * the flow is as it was. Errors: ARGUMENT (another geometry, energy or kernel), DIMENSION, FORMAT (no checkpoint, cut short,
 * damaged, of a later version), NOT_FINITE, CALLBACK, NO_MEMORY, BUSY. */
IFT_API ift_status ift_flow_save(const ift_flow *flow, void *buffer, int64_t capacity, int64_t *size);
IFT_API ift_status ift_flow_restore(ift_flow *flow, const void *buffer, int64_t size);

/* `monitor` is called after each step, NULL for none; its return value is that of rule 7. The step that it is called
 * for is complete and counts whatever it answers. `destroy` may be NULL. Errors: ARGUMENT, BUSY. */
IFT_API ift_status ift_flow_set_monitor(ift_flow *flow, int (*monitor)(const ift_flow *flow, void *user), void *user,
                                        void (*destroy)(void *user));

#ifdef __cplusplus
}
#endif

#endif
