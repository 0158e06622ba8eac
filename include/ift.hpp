/* ift.hpp - libift from C++17
 *
 * A thin layer over <ift.h>, header-only: every function is there, and what ift_<noun>_<verb> does is said at its
 * declaration in C. Include this file only; the others may be split or joined.
 *
 * THE RULES
 *
 *  1. Names. ift_flow_step(flow, n) is flow.step(n); what makes an object is a static function of its class,
 *     ift::kernel::gaussian(context, 1); what belongs to no object is a function, ift::mmd2(kernel, a, b).
 *  2. Objects (context, measure, kernel, target, energy, flow, compression) own a handle, are move-only, two pointers
 *     large, and may be destroyed in any order. get() is the handle, for functions of the C interface; release() gives
 *     it up. measure_view, flow_view and compression_view own nothing.
 *  3. Arrays are ift::span (std::span in C++20): row-major, checked for their lengths. Where C takes NULL an empty one
 *     stands for it. A span or a view that an object gives is valid as long as the pointer of the C interface is; of an
 *     object that is gone with the expression there is none.
 *  4. Errors are exceptions, ift::error with status() and what(). With IFT_NO_EXCEPTIONS defined before this file is
 *     included, or exceptions switched off in the compiler, functions return ift::result<T> instead: true where it has
 *     a value, * and -> for that, status(), message(). step, run, the programs and compress say how they ended: >= 0.
 *  5. Callbacks are functions or lambdas of any kind, which the object stores. They return nothing, or an int (0 go on,
 *     > 0 stop, < 0 fail) or ift_status. An exception that one throws ends the call as an error would, and comes out
 *     of the function that was called.
 *  6. Threads and everything else: as in <ift.h>.
 *
 * In use:
 *
 *     ift::context context = ift::context::create();
 *     ift::measure points = ift::measure::load(context, "points.csv");
 *     ift::kernel kernel = ift::kernel::gaussian(context, ift::bandwidth_median(points));
 *     ift::compressed few = ift::compress(context, kernel, ift::target::samples(context, points), 25);
 */
#ifndef IFT_HPP
#define IFT_HPP

#include <ift/support.hpp>

#include <ift/context.hpp>

#include <ift/measure.hpp>

#include <ift/kernel.hpp>

#include <ift/target.hpp>

#include <ift/energy.hpp>

#include <ift/flow.hpp>

#include <ift/compress.hpp>

#include <ift/simplex.hpp>

#include <ift/catalogue.hpp>

#endif
