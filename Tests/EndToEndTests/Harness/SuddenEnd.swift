import Foundation

/// Ends a program by SIGKILL before the n-th of its calls that change files: as often as there are such calls, wherever they
/// are, and without any clock.
///
/// It is a few lines of C that stand between the program and the system's library (ld.so(8), LD_PRELOAD).
final class SuddenEnd {
    private static let compiler = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    #if os(Linux)
        static let isPossible = compiler != nil
    #else
        static let isPossible = false
    #endif

    private let scratch: Scratch
    private let library: String
    private var counts: String { scratch.path("count") }

    init() throws {
        scratch = try Scratch()
        library = scratch.path("sudden-end.so")
        let source = try scratch.write("sudden-end.c", Self.source)
        try Child(Self.compiler ?? "", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]).finish().succeeded()
    }

    /// The variables of a program that ends before its n-th such call; 0: it goes through and counts.
    func environment(before call: Int) -> [String: String] {
        ["LD_PRELOAD": library, "KITH_END_BEFORE": String(call), "KITH_END_COUNT": counts]
    }

    /// How many such calls a program made that went through.
    func count() throws -> Int {
        let text = try String(contentsOfFile: counts, encoding: .utf8)
        guard let count = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), count > 0 else {
            throw HarnessFailure("No calls were counted: \(text)")
        }
        return count
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdatomic.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/stat.h>
        #include <sys/types.h>
        #include <unistd.h>

        static atomic_long calls;
        static void note(void) {
            const char *before = getenv("KITH_END_BEFORE");
            long end = before ? atol(before) : 0;
            if (atomic_fetch_add(&calls, 1) + 1 == end) kill(getpid(), SIGKILL);
        }
        __attribute__((destructor)) static void tell(void) {
            const char *path = getenv("KITH_END_COUNT");
            FILE *file = path ? fopen(path, "w") : NULL;
            if (file) { fprintf(file, "%ld\\n", atomic_load(&calls)); fclose(file); }
        }
        #define PASS(type, name, parameters, arguments)            \\
            type name parameters {                                 \\
                static type(*real) parameters;                     \\
                if (!real) real = dlsym(RTLD_NEXT, #name);         \\
                note();                                            \\
                return real arguments;                             \\
            }
        PASS(int, rename, (const char *a, const char *b), (a, b))
        PASS(int, link, (const char *a, const char *b), (a, b))
        PASS(int, unlink, (const char *a), (a))
        PASS(int, rmdir, (const char *a), (a))
        PASS(int, mkdir, (const char *a, mode_t m), (a, m))
        PASS(ssize_t, write, (int f, const void *b, size_t n), (f, b, n))
        PASS(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o))
        PASS(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o))
        PASS(int, ftruncate, (int f, off_t n), (f, n))
        PASS(int, ftruncate64, (int f, off64_t n), (f, n))
        PASS(int, fsync, (int f), (f))
        PASS(int, fdatasync, (int f), (f))
        """
}
