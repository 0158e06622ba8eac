/* What R needs in C to call libift by .Call; ift.R is the interface. Build: R CMD SHLIB ift.c
 *
 * A handle is an external pointer whose tag names the noun, and whose protected value lists what it needs: its context
 * first, then objects and R functions that it may call. So R's collector knows all of that, and no destructor of
 * callbacks is needed. `user` is the R function itself; R's objects don't move. */
#define R_NO_REMAP
#define STRICT_R_HEADERS
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>
#include <ift.h>
#include <string.h>

static SEXP fail; /* function(status, name, message), which raises the condition */

/* Handles */

static void *handle(SEXP pointer, const char *noun) {
  if (TYPEOF(pointer) != EXTPTRSXP || R_ExternalPtrTag(pointer) != Rf_install(noun)) Rf_error("an %s is needed", noun);
  void *address = R_ExternalPtrAddr(pointer);
  if (!address) Rf_error("this %s is of another session", noun);
  return address;
}

/* The context of an object, or itself. */
static SEXP owner(SEXP pointer) {
  if (TYPEOF(pointer) != EXTPTRSXP) Rf_error("an object of ift is needed");
  if (R_ExternalPtrTag(pointer) == Rf_install("ift_context")) return pointer;
  return VECTOR_ELT(R_ExternalPtrProtected(pointer), 0);
}

/* Raises what has to be raised; the library has returned, so R may jump. */
static int check(SEXP pointer, ift_status status) {
  if (status >= 0) return status;
  SEXP message = PROTECT(Rf_mkString(ift_context_message(handle(owner(pointer), "ift_context"))));
  SEXP name = PROTECT(Rf_mkString(ift_status_name(status)));
  SEXP call = PROTECT(Rf_lang4(fail, PROTECT(Rf_ScalarInteger(status)), name, message));
  Rf_eval(call, R_GlobalEnv);
  UNPROTECT(4);
  return status;
}

#define FINALIZER(noun)                                                                                                \
  static void finalize_##noun(SEXP pointer) {                                                                          \
    ift_##noun##_destroy(R_ExternalPtrAddr(pointer));                                                                  \
    R_ClearExternalPtr(pointer);                                                                                       \
  }
FINALIZER(context)
FINALIZER(measure)
FINALIZER(kernel)
FINALIZER(target)
FINALIZER(energy)
FINALIZER(flow)
FINALIZER(compression)

/* An external pointer to nothing yet, so that memory of R's is there before the library's is. */
static SEXP pointer_new(const char *noun, SEXP context, SEXP one, SEXP other, void (*finalize)(SEXP)) {
  SEXP keeps = PROTECT(Rf_allocVector(VECSXP, 4));
  SET_VECTOR_ELT(keeps, 0, context);
  SET_VECTOR_ELT(keeps, 1, one);
  SET_VECTOR_ELT(keeps, 2, other);
  SEXP pointer = PROTECT(R_MakeExternalPtr(NULL, Rf_install(noun), keeps));
  R_RegisterCFinalizerEx(pointer, finalize, TRUE);
  Rf_setAttrib(pointer, R_ClassSymbol, PROTECT(Rf_mkString(noun)));
  UNPROTECT(3);
  return pointer;
}

/* Makes an object of the context of another one; `call` fills `out` with the `context`. */
#define MAKE(noun, from, one, other, call)                                                                             \
  ift_context *context = handle(owner(from), "ift_context");                                                           \
  SEXP pointer = PROTECT(pointer_new("ift_" #noun, owner(from), one, other, finalize_##noun));                         \
  ift_##noun *out = NULL;                                                                                              \
  const ift_status status = call;                                                                                      \
  R_SetExternalPtrAddr(pointer, out);                                                                                  \
  check(pointer, status);                                                                                              \
  UNPROTECT(1);                                                                                                        \
  return pointer

static const char *text(SEXP value) {
  if (!Rf_isString(value) || XLENGTH(value) != 1) Rf_error("a text is needed");
  return Rf_translateCharUTF8(STRING_ELT(value, 0));
}

/* Functions of R that the library calls. They answer with the numbers that were asked for, or NULL after an error, which
 * ift.R keeps: none goes through the library. */

static SEXP points(const double *x, int64_t n, int64_t d) {
  SEXP columns = Rf_allocMatrix(REALSXP, (int)d, (int)n);
  memcpy(REAL(columns), x, (size_t)(n * d) * sizeof *x);
  return columns;
}

/* function(what, count, x, y), points as columns */
static int ask(void *function, const char *what, double *out, int64_t count, const double *x, int64_t n,
               const double *y, int64_t m, int64_t d) {
  if (!out) return 0;
  SEXP first = PROTECT(points(x, n, d)), second = PROTECT(y ? points(y, m, d) : R_NilValue);
  SEXP name = PROTECT(Rf_mkString(what)), number = PROTECT(Rf_ScalarReal((double)count));
  SEXP call = PROTECT(Rf_lang5(function, name, number, first, second));
  int failed = 0;
  SEXP answer = PROTECT(R_tryEvalSilent(call, R_GlobalEnv, &failed));
  const int good = !failed && TYPEOF(answer) == REALSXP && XLENGTH(answer) == count;
  if (good) memcpy(out, REAL(answer), (size_t)count * sizeof *out);
  UNPROTECT(6);
  return good ? 0 : -1;
}

static int kernel(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m, int64_t d,
                  void *function) {
  if (ask(function, "value", values, n * m, x, n, y, m, d) < 0) return -1;
  return ask(function, "gradient", gradients, n * m * d, x, n, y, m, d);
}

static int potential(double *values, double *gradients, const double *x, int64_t n, int64_t d, void *function) {
  if (ask(function, "value", values, n, x, n, NULL, 0, d) < 0) return -1;
  return ask(function, "gradient", gradients, n * d, x, n, NULL, 0, d);
}

static int log_density(double *values, const double *x, int64_t n, int64_t d, void *function) {
  return ask(function, "log_density", values, n, x, n, NULL, 0, d);
}

static int score(double *scores, const double *x, int64_t n, int64_t d, void *function) {
  return ask(function, "score", scores, n * d, x, n, NULL, 0, d);
}

static void look_for_interrupts(void *data) {
  (void)data;
  R_CheckUserInterrupt();
}

/* There always is a monitor, since R sees interrupts only where it looks for them: function(interrupted). */
static int monitor(void *function) {
  SEXP interrupted = PROTECT(Rf_ScalarLogical(!R_ToplevelExec(look_for_interrupts, NULL)));
  SEXP call = PROTECT(Rf_lang2(function, interrupted));
  int failed = 0;
  SEXP answer = PROTECT(R_tryEvalSilent(call, R_GlobalEnv, &failed));
  const int result = failed || TYPEOF(answer) != LGLSXP ? -1 : Rf_asLogical(answer) == TRUE;
  UNPROTECT(3);
  return result;
}

static int flow_monitor(const ift_flow *flow, void *function) {
  (void)flow;
  return monitor(function);
}

static int compression_monitor(const ift_compression *compression, void *function) {
  (void)compression;
  return monitor(function);
}

/* Context, measures */

static SEXP start(SEXP raise) {
  if (fail) R_ReleaseObject(fail);
  R_PreserveObject(fail = raise);
  return Rf_mkString(ift_version_string());
}

static SEXP context(void) {
  SEXP pointer = PROTECT(pointer_new("ift_context", R_NilValue, R_NilValue, R_NilValue, finalize_context));
  ift_context *out = NULL;
  if (ift_context_create(&out) < 0) Rf_error("no memory for a context");
  R_SetExternalPtrAddr(pointer, out);
  UNPROTECT(1);
  return pointer;
}

static SEXP context_set(SEXP pointer, SEXP name, SEXP value) {
  check(pointer, ift_context_set_option(handle(pointer, "ift_context"), text(name), text(value)));
  return pointer;
}

static SEXP measure(SEXP from, SEXP columns, SEXP weights) {
  const int d = Rf_nrows(columns), n = Rf_ncols(columns);
  const double *a = weights == R_NilValue ? NULL : REAL(weights);
  MAKE(measure, from, R_NilValue, R_NilValue, ift_measure_create(context, &out, REAL(columns), n, d, a));
}

static SEXP measure_load(SEXP from, SEXP path) {
  MAKE(measure, from, R_NilValue, R_NilValue, ift_measure_load(context, &out, text(path)));
}

static SEXP measure_save(SEXP pointer, SEXP path) {
  check(pointer, ift_measure_save(handle(pointer, "ift_measure"), text(path)));
  return pointer;
}

static SEXP positions(SEXP pointer) {
  const ift_measure *it = handle(pointer, "ift_measure");
  return points(ift_measure_positions(it), ift_measure_size(it), ift_measure_dim(it));
}

static SEXP weights(SEXP pointer) {
  ift_measure *it = handle(pointer, "ift_measure");
  SEXP values = PROTECT(Rf_allocVector(REALSXP, ift_measure_size(it)));
  check(pointer, ift_measure_copy_weights(it, REAL(values)));
  UNPROTECT(1);
  return values;
}

static SEXP moments(SEXP pointer) {
  ift_measure *it = handle(pointer, "ift_measure");
  const int d = (int)ift_measure_dim(it);
  SEXP mean = PROTECT(Rf_allocVector(REALSXP, d)), covariance = PROTECT(Rf_allocMatrix(REALSXP, d, d));
  check(pointer, ift_measure_moments(it, REAL(mean), REAL(covariance)));
  const char *names[] = {"mean", "covariance", ""};
  SEXP both = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(both, 0, mean);
  SET_VECTOR_ELT(both, 1, covariance);
  UNPROTECT(3);
  return both;
}

static SEXP bandwidth(SEXP pointer) {
  double value = 0;
  check(pointer, ift_bandwidth_median(handle(pointer, "ift_measure"), &value));
  return Rf_ScalarReal(value);
}

/* Kernels, targets, energies */

static SEXP kernel_parse(SEXP from, SEXP spec) {
  MAKE(kernel, from, R_NilValue, R_NilValue, ift_kernel_parse(context, &out, text(spec)));
}

static SEXP kernel_gaussian(SEXP from, SEXP sigma) {
  MAKE(kernel, from, R_NilValue, R_NilValue, ift_kernel_gaussian(context, &out, Rf_asReal(sigma)));
}

static SEXP kernel_custom(SEXP from, SEXP function) {
  MAKE(kernel, from, function, R_NilValue, ift_kernel_custom(context, &out, kernel, function, NULL));
}

static SEXP mmd2(SEXP kernel, SEXP a, SEXP b) {
  double value = 0;
  check(kernel, ift_mmd2(handle(kernel, "ift_kernel"), &value, handle(a, "ift_measure"), handle(b, "ift_measure")));
  return Rf_ScalarReal(value);
}

static SEXP samples(SEXP measure) {
  MAKE(target, measure, R_NilValue, R_NilValue, ift_target_samples(context, &out, handle(measure, "ift_measure")));
}

static SEXP density(SEXP from, SEXP d, SEXP function, SEXP has_log_density, SEXP has_score) {
  MAKE(target, from, function, R_NilValue,
       ift_target_density(context, &out, Rf_asInteger(d), Rf_asLogical(has_log_density) ? log_density : NULL,
                          Rf_asLogical(has_score) ? score : NULL, NULL, function, NULL));
}

static SEXP energy_mmd(SEXP kernel, SEXP target) {
  MAKE(energy, kernel, kernel, target,
       ift_energy_mmd(context, &out, handle(kernel, "ift_kernel"), handle(target, "ift_target")));
}

static SEXP energy_kl(SEXP target, SEXP bandwidth) {
  MAKE(energy, target, target, R_NilValue,
       ift_energy_kl(context, &out, handle(target, "ift_target"), Rf_asReal(bandwidth)));
}

static SEXP energy_potential(SEXP from, SEXP d, SEXP function) {
  MAKE(energy, from, function, R_NilValue,
       ift_energy_potential(context, &out, Rf_asInteger(d), potential, function, NULL));
}

static SEXP energy_value(SEXP energy, SEXP measure) {
  double value = 0;
  check(energy, ift_energy_value(handle(energy, "ift_energy"), &value, handle(measure, "ift_measure")));
  return Rf_ScalarReal(value);
}

static SEXP energy_check(SEXP energy, SEXP measure, SEXP tolerance) {
  check(energy, ift_energy_check(handle(energy, "ift_energy"), handle(measure, "ift_measure"), Rf_asReal(tolerance)));
  return energy;
}

/* Flows and compressions */

static SEXP flow(SEXP geometry, SEXP energy, SEXP initial) {
  MAKE(flow, energy, energy, R_NilValue,
       ift_flow_create(context, &out, text(geometry), handle(energy, "ift_energy"), handle(initial, "ift_measure")));
}

static SEXP compression(SEXP kernel, SEXP target, SEXP particles) {
  MAKE(compression, kernel, kernel, target,
       ift_compression_create(context, &out, handle(kernel, "ift_kernel"), handle(target, "ift_target"),
                              Rf_asInteger(particles)));
}

static ift_flow *as_flow(SEXP it) {
  return R_ExternalPtrTag(it) == Rf_install("ift_flow") ? handle(it, "ift_flow") : NULL;
}

static SEXP set(SEXP it, SEXP name, SEXP value) {
  ift_flow *flow = as_flow(it);
  check(it, flow ? ift_flow_set_text(flow, text(name), text(value))
                 : ift_compression_set_text(handle(it, "ift_compression"), text(name), text(value)));
  return it;
}

static SEXP get(SEXP it, SEXP name, SEXP is_number) {
  ift_flow *flow = as_flow(it);
  if (Rf_asLogical(is_number) == TRUE) {
    double value = 0;
    check(it, flow ? ift_flow_get_real(flow, text(name), &value)
                   : ift_compression_get_real(handle(it, "ift_compression"), text(name), &value));
    return Rf_ScalarReal(value);
  }
  char value[64];
  check(it, flow ? ift_flow_get_text(flow, text(name), value, sizeof value)
                 : ift_compression_get_text(handle(it, "ift_compression"), text(name), value, sizeof value));
  return Rf_mkString(value);
}

static SEXP set_monitor(SEXP it, SEXP function) {
  ift_flow *flow = as_flow(it);
  check(it, flow ? ift_flow_set_monitor(flow, flow_monitor, function, NULL)
                 : ift_compression_set_monitor(handle(it, "ift_compression"), compression_monitor, function, NULL));
  SET_VECTOR_ELT(R_ExternalPtrProtected(it), 3, function);
  return it;
}

static SEXP run(SEXP it, SEXP steps, SEXP early) {
  ift_flow *flow = as_flow(it);
  const int64_t count = Rf_asInteger(steps); /* NA is < 0 */
  const int status = check(it, !flow                         ? ift_compression_run(handle(it, "ift_compression"))
                               : Rf_asLogical(early) == TRUE ? ift_flow_run(flow, count)
                                                             : ift_flow_step(flow, count));
  return Rf_ScalarInteger(status);
}

static SEXP snapshot(SEXP it) {
  ift_flow *flow = as_flow(it);
  const ift_measure *now = flow ? ift_flow_measure(flow) : ift_compression_measure(handle(it, "ift_compression"));
  if (!now) return R_NilValue;
  MAKE(measure, it, R_NilValue, R_NilValue, ((void)context, ift_measure_clone(now, &out)));
}

static SEXP checkpoint(SEXP it) {
  const ift_flow *flow = handle(it, "ift_flow");
  int64_t size = 0;
  check(it, ift_flow_save(flow, NULL, 0, &size));
  SEXP state = PROTECT(Rf_allocVector(RAWSXP, size));
  check(it, ift_flow_save(flow, RAW(state), size, &size));
  UNPROTECT(1);
  return state;
}

static SEXP restore(SEXP it, SEXP state) {
  if (TYPEOF(state) != RAWSXP) Rf_error("a checkpoint is a raw vector");
  check(it, ift_flow_restore(handle(it, "ift_flow"), RAW(state), XLENGTH(state)));
  return it;
}

static SEXP rows(SEXP it) {
  const ift_compression *search = handle(it, "ift_compression");
  const int64_t *from = ift_compression_rows(search);
  if (!from) return R_NilValue;
  SEXP list = Rf_allocVector(INTSXP, ift_measure_size(ift_compression_measure(search)));
  for (R_xlen_t i = 0; i < XLENGTH(list); i++) INTEGER(list)[i] = (int)from[i] + 1;
  return list;
}

/* The table of options, a column after the other. */
static SEXP options(void) {
  const char *(*read[])(int64_t) = {ift_option_noun,  ift_option_name,    ift_option_type,    ift_option_access,
                                    ift_option_range, ift_option_default, ift_option_applies, ift_option_doc};
  const char *names[] = {"noun", "name", "type", "access", "range", "default", "applies", "doc", ""};
  SEXP table = PROTECT(Rf_mkNamed(VECSXP, names));
  for (int k = 0; k < 8; k++) {
    SEXP column = Rf_allocVector(STRSXP, ift_option_count());
    SET_VECTOR_ELT(table, k, column);
    for (R_xlen_t i = 0; i < XLENGTH(column); i++) SET_STRING_ELT(column, i, Rf_mkChar(read[k](i)));
  }
  UNPROTECT(1);
  return table;
}

/* clang-format off */
#define ENTRY(name, count) {"ift_" #name, (DL_FUNC)(void (*)(void))name, count},
static const R_CallMethodDef entries[] = {
  ENTRY(start, 1) ENTRY(context, 0) ENTRY(context_set, 3) ENTRY(measure, 3) ENTRY(measure_load, 2)
  ENTRY(measure_save, 2) ENTRY(positions, 1) ENTRY(weights, 1) ENTRY(moments, 1) ENTRY(bandwidth, 1)
  ENTRY(kernel_parse, 2) ENTRY(kernel_gaussian, 2) ENTRY(kernel_custom, 2) ENTRY(mmd2, 3) ENTRY(samples, 1)
  ENTRY(density, 5) ENTRY(energy_mmd, 2) ENTRY(energy_kl, 2) ENTRY(energy_potential, 3) ENTRY(energy_value, 2)
  ENTRY(energy_check, 3) ENTRY(flow, 3) ENTRY(compression, 3) ENTRY(set, 3) ENTRY(get, 3) ENTRY(set_monitor, 2)
  ENTRY(run, 3) ENTRY(checkpoint, 1) ENTRY(restore, 2) ENTRY(snapshot, 1) ENTRY(rows, 1) ENTRY(options, 0)
  {NULL, NULL, 0}
};
/* clang-format on */

void R_init_ift(DllInfo *info) {
  R_registerRoutines(info, NULL, entries, NULL, NULL);
  R_useDynamicSymbols(info, FALSE);
}
