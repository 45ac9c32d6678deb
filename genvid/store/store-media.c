/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The media of an entry: the part that grows, the map that says which of its
 * bytes are real, and the whole clip. A length proves nothing here, since
 * room is reserved ahead and a power cut may leave zeros. */

#include "store-media.h"

#include "byte-ranges.h"
#include "clock.h"
#include "container.h"
#include "durable-file.h"
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "log.h"
#include "record.h"
#include "store-entry.h"
#include "store-private.h"
#include "validator.h"

#include <json-glib/json-glib.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP_VERSION      1
#define MAP_MAX_BYTES    (1024 * 1024)
#define HEAD_BYTES       4096
#define BOX_HEADER_BYTES 16

void
genvid_validator_clear (GenvidValidator *validator)
{
  g_free (validator->etag);
  g_free (validator->last_modified);
  *validator = (GenvidValidator){ .size = GENVID_SIZE_UNKNOWN };
}

/* The folder to write in; -1 with error. */
static int
get_writable_folder (GenvidStoreEntry *entry, GError **error)
{
  if (!genvid_store_check_writable (entry->store, error))
    return -1;
  return genvid_store_entry_get_folder (entry, TRUE, error);
}

static void
set_missing (GError **error, const char *what)
{
  if (error == NULL || *error == NULL)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED,
                 "%s is not in the store.", what);
}

int
genvid_store_entry_open_part (GenvidStoreEntry *entry, GError **error)
{
  gboolean ours = genvid_store_entry_is_locked (entry);
  g_autoptr (GError) problem = NULL;
  int folder = genvid_store_entry_get_folder (entry, ours, &problem);
  int fd = -1;

  if (folder >= 0)
    fd = genvid_durable_file_open (folder, GENVID_STORE_PART_NAME,
                                   ours ? O_RDWR | O_CREAT : O_RDONLY,
                                   &problem);
  if (fd < 0) {
    set_missing (&problem, GENVID_STORE_PART_NAME);
    g_propagate_error (error, g_steal_pointer (&problem));
  }
  return fd;
}

static char *
write_map (const GenvidByteRanges *ranges, const GenvidValidator *validator,
           guint64 part)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = genvid_byte_ranges_to_text (ranges);
  JsonObject *root = json_object_new ();

  json_node_take_object (node, root);
  json_object_set_int_member (root, "version", MAP_VERSION);
  json_object_set_string_member (root, "boot-id", genvid_clock_now ().boot_id);
  json_object_set_int_member (root, "part", (gint64)part);
  json_object_set_string_member (root, "ranges", text);
  if (validator->etag != NULL && !g_str_has_prefix (validator->etag, "W/"))
    json_object_set_string_member (root, "etag", validator->etag);
  genvid_json_set (root, "last-modified", validator->last_modified);
  if (validator->size != GENVID_SIZE_UNKNOWN)
    json_object_set_int_member (root, "size", (gint64)validator->size);
  return genvid_json_to_text (node);
}

/* The file that was written to still has its name. A rename or a removal
 * between this and what follows can only be ours. */
static gboolean
check_name (int folder, int part, struct stat *info, GError **error)
{
  struct stat named;

  if (fstat (part, info) != 0)
    return genvid_durable_file_set_error (error, errno, folder,
                                          GENVID_STORE_PART_NAME);
  if (fstatat (folder, GENVID_STORE_PART_NAME, &named, AT_SYMLINK_NOFOLLOW) == 0
      && named.st_ino == info->st_ino && named.st_dev == info->st_dev)
    return TRUE;
  g_set_error_literal (
      error, GENVID_ERROR, GENVID_REASON_BUSY,
      "Another process has taken over the download of this clip.");
  return FALSE;
}

gboolean
genvid_store_entry_save_map (GenvidStoreEntry *entry, int part,
                             const GenvidByteRanges *ranges,
                             const GenvidValidator *validator, GError **error)
{
  struct stat info;
  int folder = get_writable_folder (entry, error);

  if (folder < 0 || !check_name (folder, part, &info, error))
    return FALSE;
  g_autofree char *text = write_map (ranges, validator, info.st_ino);
  g_autofree char *saved = genvid_byte_ranges_to_text (ranges);
  if (!genvid_durable_file_replace (folder, GENVID_STORE_MAP_NAME, text, error))
    return FALSE;
  genvid_store_entry_log (entry, GENVID_LOG_LOG, "map saved: %.200s", saved);
  return TRUE;
}

gboolean
genvid_store_entry_drop_map (GenvidStoreEntry *entry, GError **error)
{
  int folder = get_writable_folder (entry, error);

  if (folder < 0)
    return FALSE;
  return !genvid_durable_file_exists (folder, GENVID_STORE_MAP_NAME)
         || (genvid_durable_file_remove (folder, GENVID_STORE_MAP_NAME, error)
             && genvid_durable_file_sync_folder (folder, error));
}

static GenvidByteRanges *
read_map (JsonObject *root, GenvidValidator *validator, char **boot)
{
  const char *text = genvid_json_string (root, "ranges", NULL);
  gint64 size = genvid_json_int (root, "size", -1);

  if (text == NULL || genvid_json_int (root, "version", 0) != MAP_VERSION)
    return NULL;
  validator->etag = g_strdup (genvid_json_string (root, "etag", NULL));
  validator->last_modified
      = g_strdup (genvid_json_string (root, "last-modified", NULL));
  if (size >= 0)
    validator->size = (guint64)size;
  validator->part = (guint64)genvid_json_int (root, "part", 0);
  if (boot != NULL)
    *boot = g_strdup (genvid_json_string (root, "boot-id", NULL));
  return genvid_byte_ranges_from_text (text, NULL);
}

/* NULL without error also for a map that is torn: then all is fetched. */
static GenvidByteRanges *
parse_map (int folder, GenvidValidator *validator, char **boot, GError **error)
{
  gsize length = 0;
  g_autofree char *text = genvid_durable_file_read (
      folder, GENVID_STORE_MAP_NAME, MAP_MAX_BYTES, &length, error);
  if (text == NULL)
    return NULL;
  g_autoptr (JsonNode) node = genvid_json_reader_parse (text, length, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return read_map (json_node_get_object (node), validator, boot);
}

static gboolean
is_map_of (const GenvidByteRanges *ranges, const GenvidValidator *validator,
           const struct stat *part)
{
  guint64 end = genvid_byte_ranges_get_end (ranges);

  return validator->part == part->st_ino && end <= (guint64)part->st_size
         && end <= validator->size;
}

static GenvidByteRanges *
load_map_of (int folder, const struct stat *part, GenvidValidator *validator,
             char **boot, GError **error)
{
  g_autoptr (GenvidByteRanges) ranges
      = parse_map (folder, validator, boot, error);

  if (ranges != NULL && is_map_of (ranges, validator, part))
    return g_steal_pointer (&ranges);
  genvid_validator_clear (validator);
  if (boot != NULL)
    g_clear_pointer (boot, g_free);
  return NULL;
}

GenvidByteRanges *
genvid_store_entry_load_map (GenvidStoreEntry *entry,
                             GenvidValidator *validator, char **boot,
                             GError **error)
{
  struct stat part;
  int folder = genvid_store_entry_get_folder (entry, FALSE, error);

  *validator = (GenvidValidator){ .size = GENVID_SIZE_UNKNOWN };
  if (boot != NULL)
    *boot = NULL;
  if (folder < 0
      || fstatat (folder, GENVID_STORE_PART_NAME, &part, AT_SYMLINK_NOFOLLOW)
             != 0)
    return NULL;
  return load_map_of (folder, &part, validator, boot, error);
}

int
genvid_store_entry_open_growing (GenvidStoreEntry *entry,
                                 GenvidByteRanges **ranges,
                                 GenvidValidator *validator, char **boot,
                                 GError **error)
{
  struct stat part;
  int folder = genvid_store_entry_get_folder (entry, FALSE, error);

  *ranges = NULL;
  *validator = (GenvidValidator){ .size = GENVID_SIZE_UNKNOWN };
  if (boot != NULL)
    *boot = NULL;
  if (folder < 0)
    return -1;
  int fd = genvid_durable_file_open (folder, GENVID_STORE_PART_NAME, O_RDONLY,
                                     error);
  if (fd < 0)
    return -1;

  /* The file first: while it is open its inode is nobody else's, so a map
   * that names it speaks of it. */
  if (fstat (fd, &part) == 0)
    *ranges = load_map_of (folder, &part, validator, boot, error);
  if (*ranges != NULL)
    return fd;
  close (fd);
  return -1;
}

gboolean
genvid_store_entry_reset_part (GenvidStoreEntry *entry, GError **error)
{
  int folder = get_writable_folder (entry, error);

  return folder >= 0
         && genvid_durable_file_remove (folder, GENVID_STORE_MAP_NAME, error)
         && genvid_durable_file_remove (folder, GENVID_STORE_PART_NAME, error)
         && genvid_durable_file_sync_folder (folder, error);
}

static gboolean
is_whole_mp4 (int fd, guint64 size)
{
  GenvidBoxes boxes;
  guint8 header[BOX_HEADER_BYTES];

  genvid_boxes_init (&boxes);
  while (boxes.offset < size) {
    gsize got
        = genvid_durable_file_read_at (fd, boxes.offset, header, sizeof header);
    if (!genvid_boxes_feed (&boxes, header, got, size))
      return FALSE;
  }
  return boxes.moov && boxes.mdat;
}

static gboolean
is_whole_webm (int fd, guint64 size)
{
  GenvidElements elements;
  guint8 header[BOX_HEADER_BYTES];

  genvid_elements_init (&elements);
  while (!elements.segment) {
    gsize got = genvid_durable_file_read_at (fd, elements.offset, header,
                                             sizeof header);
    if (!genvid_elements_feed (&elements, header, got, size))
      return FALSE;
  }
  return TRUE;
}

static gboolean
refuse_media (GError **error, const char *why)
{
  g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA,
               "The file that the service delivered %s.", why);
  return FALSE;
}

/* EXTENSION (nullable): a constant. */
static gboolean
check_media (int fd, guint64 size, const char **extension, GError **error)
{
  guint8 head[HEAD_BYTES];
  gsize got = genvid_durable_file_read_at (fd, 0, head,
                                           (gsize)MIN (size, sizeof head));
  GenvidContainer kind = genvid_container_sniff (head, got, TRUE);

  if (kind == GENVID_CONTAINER_EMPTY)
    return refuse_media (error, "is empty");
  if (kind == GENVID_CONTAINER_TEXT || kind == GENVID_CONTAINER_UNDECIDED)
    return refuse_media (error, "is text, not a clip");
  if (kind == GENVID_CONTAINER_MP4 && !is_whole_mp4 (fd, size))
    return refuse_media (error, "is a damaged or truncated MP4");
  if (kind == GENVID_CONTAINER_WEBM && !is_whole_webm (fd, size))
    return refuse_media (error, "is a damaged or truncated WebM");
  if (extension != NULL)
    *extension = genvid_container_extension (kind, head, got);
  return TRUE;
}

gboolean
genvid_store_entry_check_part (GenvidStoreEntry *entry, guint64 size)
{
  g_autoptr (GError) error = NULL;
  int fd = genvid_store_entry_open_part (entry, NULL);

  if (fd < 0)
    return TRUE;
  check_media (fd, size, NULL, &error);
  close (fd);
  return !g_error_matches (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA);
}

/* Its bytes are whole, right and on the disk. */
static gboolean
settle_part (int folder, int fd, guint64 size, const char **extension,
             GError **error)
{
  struct stat info;

  if (!check_name (folder, fd, &info, error))
    return FALSE;
  if ((guint64)info.st_size < size)
    return refuse_media (error, "is shorter than announced");
  if (!check_media (fd, size, extension, error))
    return FALSE;
  if (((guint64)info.st_size > size && ftruncate (fd, (off_t)size) != 0)
      || fdatasync (fd) != 0)
    return genvid_durable_file_set_error (error, errno, folder,
                                          GENVID_STORE_PART_NAME);
  return check_name (folder, fd, &info, error);
}

static gboolean
name_clip (int folder, const char *name, GError **error)
{
  if (renameat (folder, GENVID_STORE_PART_NAME, folder, name) != 0)
    return genvid_durable_file_set_error (error, errno, folder, name);
  /* Durable before the map goes: without its map the part is worthless. */
  return genvid_durable_file_sync_folder (folder, error)
         && genvid_durable_file_remove (folder, GENVID_STORE_MAP_NAME, error);
}

static char *
locate (GenvidStoreEntry *entry, const char *name)
{
  return g_build_filename (entry->store->path, "clips", entry->fingerprint,
                           name, NULL);
}

gboolean
genvid_store_entry_finish (GenvidStoreEntry *entry, int part, guint64 size,
                           char **extension, char **location, GError **error)
{
  const char *found = NULL;
  int folder = get_writable_folder (entry, error);

  if (folder < 0 || !settle_part (folder, part, size, &found, error))
    return FALSE;
  g_autofree char *name = g_strconcat (GENVID_STORE_CLIP_PREFIX, found, NULL);
  if (!name_clip (folder, name, error))
    return FALSE;
  genvid_store_entry_log (entry, GENVID_LOG_INFO,
                          "%s is whole: %" G_GUINT64_FORMAT " bytes", name,
                          size);
  if (extension != NULL)
    *extension = g_strdup (found);
  if (location != NULL)
    *location = locate (entry, name);
  return TRUE;
}

static int
open_sized (int folder, const char *name, guint64 size, GError **error)
{
  struct stat info;
  int fd = genvid_durable_file_open (folder, name, O_RDONLY, error);
  if (fd < 0)
    return -1;
  if (fstat (fd, &info) == 0 && (guint64)info.st_size == size && size > 0)
    return fd;
  close (fd);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED,
               "The stored clip %s no longer has the %" G_GUINT64_FORMAT
               " bytes it had when it was stored.",
               name, size);
  return -1;
}

int
genvid_store_entry_open_clip (GenvidStoreEntry *entry,
                              const GenvidRecord *record, char **location,
                              GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *name = NULL;
  int fd = -1;
  int folder = genvid_store_entry_get_folder (entry, FALSE, &problem);

  if (folder >= 0 && genvid_store_is_name (record->media_extension)) {
    name
        = g_strconcat (GENVID_STORE_CLIP_PREFIX, record->media_extension, NULL);
    fd = open_sized (folder, name, record->media_size, &problem);
  }
  if (fd < 0) {
    set_missing (&problem, "The clip");
    g_propagate_error (error, g_steal_pointer (&problem));
    return -1;
  }
  if (location != NULL)
    *location = locate (entry, name);
  return fd;
}

gboolean
genvid_store_entry_check_clip (GenvidStoreEntry *entry,
                               const GenvidRecord *record, GError **error)
{
  int fd = genvid_store_entry_open_clip (entry, record, NULL, error);
  if (fd < 0)
    return FALSE;
  gboolean whole = check_media (fd, record->media_size, NULL, error);
  close (fd);
  return whole;
}

gboolean
genvid_store_entry_set_clip_aside (GenvidStoreEntry *entry,
                                   const GenvidRecord *record, GError **error)
{
  int folder = get_writable_folder (entry, error);

  if (folder < 0)
    return FALSE;
  if (!genvid_store_is_name (record->media_extension))
    return TRUE;
  g_autofree char *name
      = g_strconcat (GENVID_STORE_CLIP_PREFIX, record->media_extension, NULL);
  g_autofree char *aside = g_strconcat (name, ".damaged", NULL);
  if (renameat (folder, name, folder, aside) == 0)
    genvid_store_entry_log (entry, GENVID_LOG_INFO, "clip kept as %s", aside);
  else if (errno != ENOENT)
    return genvid_durable_file_set_error (error, errno, folder, name);
  return genvid_durable_file_sync_folder (folder, error);
}
