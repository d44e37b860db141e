import KithClient

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

exit(KithProgram.run())
