/* moonlet-groups.h: sets of processes under a name, OTP's pg, on top of the imports. Needs the grant `groups`, or `groups:NAME`.
 *
 *     moonlet_handle self = moonlet_self();
 *     uint8_t bytes[1024];
 *     moonlet_reader members;
 *     moonlet_join("lobby", &self);
 *     int32_t count = moonlet_members("lobby", bytes, sizeof bytes, &members);
 *     for (int32_t i = 0; i < count; i++) {
 *       moonlet_handle member = moonlet_get_handle(&members);
 *       moonlet_send(&member, &hello);
 *     }
 *
 * What fails gives an error code of the ABI, which is negative. */
#ifndef MOONLET_GROUPS_H
#define MOONLET_GROUPS_H

#include "moonlet-process.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One more membership for a process of the caller's family. 0. */
static inline int32_t moonlet_join(const char *group, const moonlet_handle *pid) {
  moonlet_handle name = moonlet_name(group);
  return moonlet_group_join(name.bytes, name.length, pid->bytes, pid->length);
}

/* Takes one away: 1, or 0 if there was none. */
static inline int32_t moonlet_leave(const char *group, const moonlet_handle *pid) {
  moonlet_handle name = moonlet_name(group);
  return moonlet_group_leave(name.bytes, name.length, pid->bytes, pid->length);
}

/* Opens the members in the buffer: so many pids are to be read, the latest first. MOONLET_TOO_LARGE when they do not fit. */
static inline int32_t moonlet_members(const char *group, void *buffer, uint32_t room, moonlet_reader *members) {
  moonlet_handle name = moonlet_name(group);
  int32_t length = moonlet_group_members(name.bytes, name.length, buffer, room);
  if (length < 0) return length;
  if ((uint32_t)length > room) return MOONLET_TOO_LARGE;
  *members = moonlet_open(buffer, (uint32_t)length);
  return (int32_t)moonlet_get_list(members);
}

/* From now on `{Monitor, join, Group, Pids}` and `{Monitor, leave, Group, Pids}` arrive; who is there now is not told. 0. */
static inline int32_t moonlet_monitor_group(const char *group, moonlet_handle *monitor) {
  uint8_t answer[8192];
  moonlet_handle name = moonlet_name(group);
  int32_t length = moonlet_group_monitor(name.bytes, name.length, answer, sizeof answer);
  if (length < 0) return length;
  if ((uint32_t)length > sizeof answer) return MOONLET_TOO_LARGE;
  moonlet_reader r = moonlet_open(answer, (uint32_t)length);
  moonlet_get_tuple(&r);
  *monitor = moonlet_get_handle(&r);
  return r.failed ? MOONLET_BADARG : 0;
}

static inline int32_t moonlet_demonitor_group(const moonlet_handle *monitor) {
  return moonlet_group_demonitor(monitor->bytes, monitor->length);
}

#ifdef __cplusplus
}
#endif

#endif
