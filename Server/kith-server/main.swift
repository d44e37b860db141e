import KithServer

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

exit(ServerProgram.run())
