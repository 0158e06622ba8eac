/* ift.h - libift: gradient flows of measures
 *
 * libift moves and re-weights particles so that a measure descends an energy in a chosen geometry (Gladin, Dvurechensky,
 * Mielke and Zhu, "Interaction-Force Transport Gradient Flows", NeurIPS 2024). Everything in it is one of four nouns,
 *
 *     measure   weighted particles in R^d                                     <ift/measure.h>
 *     kernel    k(x, y), which says how far apart two measures are            <ift/kernel.h>
 *     energy    what descends: its value, first variation and gradient        <ift/energy.h>
 *     flow      how it descends: in one of ten geometries                     <ift/flow.h>
 *
 * with two helpers: the target that an energy compares with (<ift/target.h>) and the context that all objects of one
 * program part share (<ift/context.h>). <ift/compress.h> puts them together in one call, <ift/simplex.h> has the
 * optimization of weights by itself, and <ift/catalogue.h> tells which kinds and options this library has.
 *
 * Include this file only; the others may be split or joined.
 *
 * THE RULES, which every function follows
 *
 *  1. Names are ift_<noun>_<verb>. All types are opaque. Sizes are int64_t, reals double, seeds uint64_t. Arrays are
 *     row-major (point after point, d coordinates each) and belong to the caller; they may be of length 0 only where the
 *     function says so.
 *  2. Arguments: the object (or the context that will own a new one), then outputs, then inputs; a length right after its
 *     pointer; a callback right before its `void *user`, followed, where the callback is stored, by an optional
 *     `destroy`, which is called once with `user` when the callback is no longer needed, also if storing it fails.
 *  3. Errors. Functions that can fail return ift_status: 0 done, > 0 done for a reason worth knowing (only from _step,
 *     _run, _qp and ift_compress, and IFT_STOPPED where a callback asked for it), < 0 an error. On an error outputs are
 *     untouched unless the function says otherwise (the handle of a failed _create is NULL), and every object stays usable
 *     and is as it was; ift_context_message says what was wrong and what is allowed.
 *  4. Lifetimes. What _create gives, _destroy takes; _destroy(NULL) does nothing. Kernels, targets and energies never
 *     change once made and are retained by what uses them, measures are copied by whoever takes them: handles may be
 *     destroyed in any order. A pointer "borrowed" from an object lives as long as that object says.
 *  5. The library is a guest: it never aborts, exits, prints, reads the environment, changes a setting of the process
 *     or keeps global state. Numbers are read and written as in the C locale whatever the host's locale.
 *  6. Threads. One context and all that was made from it belong to one thread at a time; separate contexts are
 *     independent. Exceptions: *_request_stop is safe from any thread and from a signal handler, *_destroy from any
 *     thread. Results do not depend on the number of threads of a context.
 *  7. Callbacks get batches of points, run on the calling thread only, and return 0 to go on, > 0 to stop the run
 *     (IFT_STOPPED), < 0 to fail it (IFT_ERR_CALLBACK with the value in the message). An object that is entered again
 *     from its own callback answers IFT_ERR_BUSY.
 *  8. Options are set by name, as text, integer or real; <ift/catalogue.h> lists them. Adding an option adds no symbol.
 *
 * Every function exists since version 0.1.0 unless its comment names another.
 */
#ifndef IFT_H
#define IFT_H

#include <ift/context.h>

#include <ift/measure.h>

#include <ift/kernel.h>

#include <ift/target.h>

#include <ift/energy.h>

#include <ift/flow.h>

#include <ift/compress.h>

#include <ift/simplex.h>

#include <ift/catalogue.h>

#endif
