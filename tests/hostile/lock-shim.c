/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes GLib's locks visible to ThreadSanitizer. They are futexes that GLib
 * operates itself, in code that is not instrumented, so without this every
 * field behind a GMutex is a race. Preloaded by scripts/threads; built without
 * the sanitizer, whose functions the program brings along. */
#include <dlfcn.h>
#include <glib-object.h>

/* Weak: a program without the sanitizer is let be. */
void __tsan_acquire (void *address) __attribute__ ((weak));
void __tsan_release (void *address) __attribute__ ((weak));

static void
acquire (void *address)
{
  if (__tsan_acquire != NULL)
    __tsan_acquire (address);
}

static void
release (void *address)
{
  if (__tsan_release != NULL)
    __tsan_release (address);
}

/* Behind a call, which is then no jump: the sanitizer looks at who calls GLib's
 * pthread_mutex_unlock(), and must see the same one as for the lock. */
static inline void
stay (void)
{
  __asm__ volatile("" ::: "memory");
}

/* The sanitizer ends a program that unloads a library which threads.supp names
 * with called_from_lib, and GIO unloads its TLS module, and this with it. */
__attribute__ ((constructor)) static void
keep_loaded (void)
{
  dlopen ("libgnutls.so.30", RTLD_LAZY | RTLD_NODELETE);
}

#define REAL(name)                                                             \
  static __typeof__ (&name) real;                                              \
  if (real == NULL)                                                            \
  real = (__typeof__ (&name))dlsym (RTLD_NEXT, #name)

/* Takes: what others did before they let go is seen. */
#define TAKE(name, type)                                                       \
  void name (type *lock)                                                       \
  {                                                                            \
    REAL (name);                                                               \
    real (lock);                                                               \
    acquire (lock);                                                            \
  }
#define TRY(name, type)                                                        \
  gboolean name (type *lock)                                                   \
  {                                                                            \
    REAL (name);                                                               \
    gboolean taken = real (lock);                                              \
    if (taken)                                                                 \
      acquire (lock);                                                          \
    return taken;                                                              \
  }
#define LET_GO(name, type)                                                     \
  void name (type *lock)                                                       \
  {                                                                            \
    REAL (name);                                                               \
    release (lock);                                                            \
    real (lock);                                                               \
    stay ();                                                                   \
  }

TAKE (g_mutex_lock, GMutex)
TRY (g_mutex_trylock, GMutex)
LET_GO (g_mutex_unlock, GMutex)
TAKE (g_rec_mutex_lock, GRecMutex)
TRY (g_rec_mutex_trylock, GRecMutex)
LET_GO (g_rec_mutex_unlock, GRecMutex)
TAKE (g_rw_lock_writer_lock, GRWLock)
LET_GO (g_rw_lock_writer_unlock, GRWLock)
TAKE (g_rw_lock_reader_lock, GRWLock)
LET_GO (g_rw_lock_reader_unlock, GRWLock)

/* A wait lets the lock go and takes it again. */
void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  REAL (g_cond_wait);
  release (mutex);
  real (cond, mutex);
  acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 until)
{
  REAL (g_cond_wait_until);
  gboolean woken;

  release (mutex);
  woken = real (cond, mutex, until);
  acquire (mutex);
  return woken;
}

/* What is made once is whole for whoever finds it made. */
gboolean (g_once_init_enter) (volatile void *location)
{
  REAL (g_once_init_enter);
  gboolean first = real (location);

  acquire ((void *)location);
  return first;
}

void (g_once_init_leave) (volatile void *location, gsize result)
{
  REAL (g_once_init_leave);
  release ((void *)location);
  real (location, result);
}

/* The last owner sees what the others did. */
gpointer (g_object_ref) (gpointer object)
{
  REAL (g_object_ref);
  return real (object);
}

void
g_object_unref (gpointer object)
{
  REAL (g_object_unref);
  release (object);
  acquire (object);
  real (object);
}

gboolean (g_atomic_int_dec_and_test) (volatile gint *count)
{
  REAL (g_atomic_int_dec_and_test);
  gboolean last;

  release ((void *)count);
  last = real (count);
  if (last)
    acquire ((void *)count);
  return last;
}

gboolean (g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  REAL (g_atomic_ref_count_dec);
  gboolean last;

  release (count);
  last = real (count);
  if (last)
    acquire (count);
  return last;
}

void
g_atomic_rc_box_release_full (gpointer box, GDestroyNotify clear)
{
  REAL (g_atomic_rc_box_release_full);

  release (box);
  acquire (box);
  real (box, clear);
}

/* A thread of a pool, or one that turns a context, sees what was handed to
 * it. All through one address: too much is ordered, nothing too little. */
static char handed;

void
g_main_context_wakeup (GMainContext *context)
{
  REAL (g_main_context_wakeup);
  release (&handed);
  real (context);
}

gboolean
g_main_context_iteration (GMainContext *context, gboolean may_block)
{
  REAL (g_main_context_iteration);
  gboolean any;

  release (&handed);
  any = real (context, may_block);
  acquire (&handed);
  return any;
}

/* A pool's function, and what its owner did before it handed work over. */
typedef struct {
  GFunc function;
  gpointer data;
} Pooled;

static void
run_pooled (gpointer work, gpointer data)
{
  const Pooled *pooled = data;

  acquire (&handed);
  pooled->function (work, pooled->data);
  release (&handed);
}

/* The pools live as long as the process. */
static Pooled *
make_pooled (GFunc function, gpointer data)
{
  Pooled *pooled = g_new (Pooled, 1);

  *pooled = (Pooled){ function, data };
  return pooled;
}

GThreadPool *
g_thread_pool_new (GFunc function, gpointer data, gint max, gboolean exclusive,
                   GError **error)
{
  REAL (g_thread_pool_new);
  return real (run_pooled, make_pooled (function, data), max, exclusive, error);
}

GThreadPool *
g_thread_pool_new_full (GFunc function, gpointer data, GDestroyNotify clear,
                        gint max, gboolean exclusive, GError **error)
{
  REAL (g_thread_pool_new_full);
  return real (run_pooled, make_pooled (function, data), clear, max, exclusive,
               error);
}

void
g_thread_pool_free (GThreadPool *pool, gboolean at_once, gboolean wait)
{
  REAL (g_thread_pool_free);
  real (pool, at_once, wait);
  acquire (&handed);
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  REAL (g_source_attach);
  release (&handed);
  return real (source, context);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  REAL (g_thread_pool_push);
  release (&handed);
  return real (pool, data, error);
}
