-- The declarations of <ift.h>, and the types of the functions that it calls.
return [[
typedef int ift_status;
typedef struct ift_context ift_context;
typedef struct ift_measure ift_measure;
typedef struct ift_kernel ift_kernel;
typedef struct ift_target ift_target;
typedef struct ift_energy ift_energy;
typedef struct ift_flow ift_flow;
typedef struct ift_compression ift_compression;

typedef void (*ift_lua_log)(const char *text, void *user);
typedef int (*ift_lua_kernel)(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m, int64_t d, void *user);
typedef int (*ift_lua_potential)(double *values, double *gradients, const double *x, int64_t n, int64_t d, void *user);
typedef int (*ift_lua_energy)(double *value, double *first_variation, double *gradient, const double *points, int64_t m, const double *positions, const double *weights, int64_t n, int64_t d, void *user);
typedef int (*ift_lua_points)(double *values, const double *x, int64_t n, int64_t d, void *user);
typedef int (*ift_lua_hessian)(double *products, const double *x, const double *u, int64_t n, int64_t d, void *user);
typedef int (*ift_lua_sample)(double *points, int64_t n, int64_t d, uint64_t seed, void *user);
typedef int (*ift_lua_monitor)(const void *object, void *user);
typedef void (*ift_lua_destroy)(void *user);

ift_status ift_context_create(ift_context **out);
void ift_context_destroy(ift_context *context);
ift_status ift_context_set_option(ift_context *context, const char *option, const char *value);
ift_status ift_context_set_log(ift_context *context, ift_lua_log log, void *user, ift_lua_destroy destroy);
const char *ift_context_message(const ift_context *context);
const char *ift_status_name(ift_status status);
int ift_version(void);
const char *ift_version_string(void);
int64_t ift_build_info(char *out, int64_t capacity);

ift_status ift_measure_create(ift_context *context, ift_measure **out, const double *positions, int64_t n, int64_t d, const double *weights);
ift_status ift_measure_clone(const ift_measure *measure, ift_measure **out);
void ift_measure_destroy(ift_measure *measure);
int64_t ift_measure_size(const ift_measure *measure);
int64_t ift_measure_dim(const ift_measure *measure);
double ift_measure_mass(const ift_measure *measure);
const double *ift_measure_positions(const ift_measure *measure);
const double *ift_measure_weights(const ift_measure *measure);
ift_status ift_measure_moments(const ift_measure *measure, double *mean, double *covariance);
double ift_measure_effective_size(const ift_measure *measure);
ift_status ift_measure_resample(const ift_measure *measure, ift_measure **out, int64_t size);
ift_status ift_measure_prune(const ift_measure *measure, ift_measure **out, double threshold);
ift_status ift_measure_merge(const ift_measure *measure, ift_measure **out, double distance);
ift_status ift_measure_load(ift_context *context, ift_measure **out, const char *path);
ift_status ift_measure_save(const ift_measure *measure, const char *path);

ift_status ift_kernel_parse(ift_context *context, ift_kernel **out, const char *spec);
ift_status ift_kernel_gaussian(ift_context *context, ift_kernel **out, double sigma);
ift_status ift_kernel_custom(ift_context *context, ift_kernel **out, ift_lua_kernel evaluate, void *user, ift_lua_destroy destroy);
void ift_kernel_destroy(ift_kernel *kernel);
ift_status ift_kernel_gram(const ift_kernel *kernel, double *gram, const double *x, int64_t n, int64_t d, const double *y, int64_t m);
ift_status ift_kernel_check(const ift_kernel *kernel, const double *x, int64_t n, int64_t d, double tolerance);
ift_status ift_bandwidth_median(const ift_measure *measure, double *out);
ift_status ift_mmd2(const ift_kernel *kernel, double *out, const ift_measure *a, const ift_measure *b);

ift_status ift_target_samples(ift_context *context, ift_target **out, const ift_measure *samples);
ift_status ift_target_density(ift_context *context, ift_target **out, int64_t d, ift_lua_points log_density, ift_lua_points score, ift_lua_hessian hessian, void *user, ift_lua_destroy destroy);
ift_status ift_target_sampler(ift_context *context, ift_target **out, int64_t d, ift_lua_sample sample, void *user, ift_lua_destroy destroy);
void ift_target_destroy(ift_target *target);

ift_status ift_energy_mmd(ift_context *context, ift_energy **out, const ift_kernel *kernel, const ift_target *target);
ift_status ift_energy_kl(ift_context *context, ift_energy **out, const ift_target *target, double bandwidth);
ift_status ift_energy_potential(ift_context *context, ift_energy **out, int64_t d, ift_lua_potential potential, void *user, ift_lua_destroy destroy);
ift_status ift_energy_interaction(ift_context *context, ift_energy **out, int64_t d, const ift_kernel *kernel);
ift_status ift_energy_sum(ift_context *context, ift_energy **out, const double *coefficients, const ift_energy *const *energies, int64_t count);
ift_status ift_energy_custom(ift_context *context, ift_energy **out, int64_t d, ift_lua_energy evaluate, void *user, ift_lua_destroy destroy);
ift_status ift_energy_check(const ift_energy *energy, const ift_measure *measure, double tolerance);
void ift_energy_destroy(ift_energy *energy);
ift_status ift_energy_value(const ift_energy *energy, double *out, const ift_measure *measure);

ift_status ift_flow_create(ift_context *context, ift_flow **out, const char *geometry, const ift_energy *energy, const ift_measure *initial);
void ift_flow_destroy(ift_flow *flow);
ift_status ift_flow_set_text(ift_flow *flow, const char *option, const char *value);
ift_status ift_flow_get_real(const ift_flow *flow, const char *quantity, double *out);
ift_status ift_flow_get_int(const ift_flow *flow, const char *quantity, int64_t *out);
ift_status ift_flow_get_text(const ift_flow *flow, const char *quantity, char *out, int64_t capacity);
ift_status ift_flow_set_kernel(ift_flow *flow, const ift_kernel *kernel);
ift_status ift_flow_step(ift_flow *flow, int64_t steps);
ift_status ift_flow_run(ift_flow *flow, int64_t steps);
void ift_flow_request_stop(ift_flow *flow);
ift_status ift_flow_save(const ift_flow *flow, void *buffer, int64_t capacity, int64_t *size);
ift_status ift_flow_restore(ift_flow *flow, const void *buffer, int64_t size);
const ift_measure *ift_flow_measure(const ift_flow *flow);
ift_status ift_flow_set_monitor(ift_flow *flow, ift_lua_monitor monitor, void *user, ift_lua_destroy destroy);

ift_status ift_compression_create(ift_context *context, ift_compression **out, const ift_kernel *kernel, const ift_target *target, int64_t particles);
void ift_compression_destroy(ift_compression *compression);
ift_status ift_compression_set_text(ift_compression *compression, const char *option, const char *value);
ift_status ift_compression_get_real(const ift_compression *compression, const char *quantity, double *out);
ift_status ift_compression_get_int(const ift_compression *compression, const char *quantity, int64_t *out);
ift_status ift_compression_get_text(const ift_compression *compression, const char *quantity, char *out, int64_t capacity);
ift_status ift_compression_run(ift_compression *compression);
void ift_compression_request_stop(ift_compression *compression);
const ift_measure *ift_compression_measure(const ift_compression *compression);
const int64_t *ift_compression_rows(const ift_compression *compression);
ift_status ift_compression_set_monitor(ift_compression *compression, ift_lua_monitor monitor, void *user, ift_lua_destroy destroy);

int64_t ift_option_count(void);
const char *ift_option_noun(int64_t index);
const char *ift_option_name(int64_t index);
const char *ift_option_type(int64_t index);
const char *ift_option_access(int64_t index);
const char *ift_option_range(int64_t index);
const char *ift_option_default(int64_t index);
const char *ift_option_applies(int64_t index);
const char *ift_option_doc(int64_t index);
int64_t ift_kind_count(void);
const char *ift_kind_noun(int64_t index);
const char *ift_kind_name(int64_t index);
const char *ift_kind_spec(int64_t index);
const char *ift_kind_doc(int64_t index);
]]
