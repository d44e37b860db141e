import Simulation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

exit(SimulationProgram.run())
