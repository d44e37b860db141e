import KithClient

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

_exit(KithProgram.run())
