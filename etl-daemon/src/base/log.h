/*
 * log.h - structured lines on standard error: time, level, source, event, and key=value pairs.
 * Refuses to be a debugging aid for data: callers pass counts, codes and names of fields, never values of rows.
 */
#ifndef ETL_BASE_LOG_H
#define ETL_BASE_LOG_H

typedef enum { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG } log_level;

void log_set_level(log_level level);

/* log_event(LOG_INFO, "dss", "page_loaded", "page=%d rows=%d", 3, 500); source may be NULL. Thread-safe, one write. */
void log_event(log_level level, const char *source, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
