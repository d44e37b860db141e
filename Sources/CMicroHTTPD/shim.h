#ifndef KITH_CMicroHTTPD_SHIM_H
#define KITH_CMicroHTTPD_SHIM_H

#include <microhttpd.h>

/// What MHD_OPTION_URI_LOG_CALLBACK takes; the header declares no name for it.
typedef void *(*kith_mhd_request_line)(void *context, const char *uri, struct MHD_Connection *connection);

// MHD_start_daemon is variadic, which Swift cannot call. The logger comes first, so that it hears about the others.
static inline struct MHD_Daemon *kith_mhd_start(
    unsigned int flags, MHD_AccessHandlerCallback access, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connection, kith_mhd_request_line requestLine, MHD_LogCallback log, void *context,
    struct MHD_OptionItem *options) {
    return MHD_start_daemon(
        flags, 0, NULL, NULL, access, context, MHD_OPTION_EXTERNAL_LOGGER, log, context, MHD_OPTION_NOTIFY_COMPLETED,
        completed, context, MHD_OPTION_NOTIFY_CONNECTION, connection, context, MHD_OPTION_URI_LOG_CALLBACK,
        requestLine, context, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

// MHD_get_connection_info is variadic and answers with a union.
static inline int kith_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : (int)info->connect_fd;
}

// As above.
static inline const struct sockaddr *kith_mhd_client_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info == NULL ? NULL : info->client_addr;
}

// As above; the type of the session belongs to GnuTLS.
static inline void *kith_mhd_tls_session(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info == NULL ? NULL : info->tls_session;
}

#endif
