// SPDX-License-Identifier: Apache-2.0

// The one file that knows which C library is underneath.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

package enum Platform {
  /// Cores this process may run on: the affinity mask on Linux, the active cores elsewhere.
  package static var availableCores: Int {
    #if os(Linux)
      // <sched.h> declares it only under _GNU_SOURCE, which the importer does not set.
      typealias Query = @convention(c) (Int32, Int, UnsafeMutableRawPointer) -> Int32
      if let symbol = dlsym(nil, "sched_getaffinity") {
        var mask = [UInt64](repeating: 0, count: 128)
        let status = mask.withUnsafeMutableBytes {
          unsafeBitCast(symbol, to: Query.self)(0, $0.count, $0.baseAddress!)
        }
        let count = mask.reduce(0) { $0 + $1.nonzeroBitCount }
        if status == 0 && count > 0 { return count }
      }
    #endif
    return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Lets other threads run that wait for this one's core.
  static func yieldProcessor() { sched_yield() }

  /// The value of an environment variable; nil when unset.
  package static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Sets one for this process, before it has other threads.
  static func setEnvironment(_ name: String, to value: String) { setenv(name, value, 1) }

  /// The system's text for an `errno` value.
  package static func describe(errno code: Int32) -> String {
    String(cString: strerror(code))
  }

  /// The `errno` value for a file that does not exist.
  package static let noSuchFile: Int32 = ENOENT
  /// The `errno` value for a file in the place of a folder.
  package static let notADirectory: Int32 = ENOTDIR

  /// Seconds of a clock that never runs backwards.
  package static var monotonicSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Whether a file descriptor is a terminal.
  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// xʸ of the C library, for exponents that are no integers.
  package static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }

  /// The C library's transcendental functions, for constants and for tests.
  package static func cubeRoot(_ x: Double) -> Double { cbrt(x) }
  package static func exponential(_ x: Double) -> Double { exp(x) }
  package static func logarithm(_ x: Double) -> Double { log(x) }
  package static func sine(_ x: Double) -> Double { sin(x) }
  package static func cosine(_ x: Double) -> Double { cos(x) }
  package static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  package static func errorFunction(_ x: Double) -> Double { erf(x) }

  /// Ends the process.
  package static func exitProcess(_ code: Int32) -> Never { exit(code) }

  /// Opens /dev/null in the place of a standard descriptor that was closed at the start: the next file opened would take
  /// its number and receive what is meant for the terminal.
  package static func occupyStandardDescriptors() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
      // Open for reading only, so that writing to it is the error it would have been.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// The first argument that is not UTF-8, repaired for display: Swift would take it for another name.
  package static var malformedArgument: String? {
    for index in 0..<Int(CommandLine.argc) {
      guard let bytes = CommandLine.unsafeArgv[index] else { continue }
      if String(validatingCString: bytes) == nil { return String(cString: bytes) }
    }
    return nil
  }

  /// Writes to a closed pipe fail with EPIPE and do not end the process.
  package static func ignoreBrokenPipe() { signal(SIGPIPE, SIG_IGN) }

  /// The most memory this process has held so far, in bytes; mapped files count while their pages are in.
  package static var peakMemory: Int? {
    #if os(Linux)
      // getrusage counts what the parent held before exec.
      guard let text = try? MappedFile.contents(of: "/proc/self/status") else { return nil }
      let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map {
        $0 << 10
      }
    #else
      var usage = rusage()
      return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : nil
    #endif
  }

  /// Memory that this process could have at most, in bytes: the machine's, or less where a container or `ulimit -v` gives less.
  package static var memory: Int? {
    var machine = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    guard machine > 0 else { return nil }
    #if canImport(Glibc)
      var addresses = rlimit()
      if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &addresses) == 0 {
        machine = Int(min(UInt64(machine), UInt64(addresses.rlim_cur)))
      }
    #endif
    #if os(Linux)
      // "max" is no number.
      let text = (try? MappedFile.contents(of: "/sys/fs/cgroup/memory.max")) ?? []
      if let limit = Int(String(decoding: text, as: UTF8.self).prefix { $0 != "\n" }) { return min(machine, limit) }
    #endif
    return machine
  }

  /// The name of the processor as the system gives it, for reports.
  package static var processorName: String {
    guard let text = try? MappedFile.contents(of: "/proc/cpuinfo") else { return "unknown processor" }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasPrefix("model name") {
      if let colon = line.firstIndex(of: ":") {
        return String(line[line.index(after: colon)...].drop { $0 == " " })
      }
    }
    return "unknown processor"
  }

  #if os(Linux) && arch(x86_64)
    /// One CPUID leaf as the operating system lets it be used: (ebx, ecx) of "active" features, from glibc.
    ///
    /// `struct cpuid_feature { unsigned cpuid_array[4]; unsigned active_array[4]; }` in <sys/platform/x86.h>, order
    /// eax, ebx, ecx, edx. Looked up at run time: glibc has it since 2.33, other libraries do not.
    static func activeFeatures(leafIndex: UInt32) -> (ebx: UInt32, ecx: UInt32)? {
      typealias Query = @convention(c) (UInt32) -> UnsafePointer<UInt32>?
      guard let symbol = dlsym(nil, "__x86_get_cpuid_feature_leaf"),
        let leaf = unsafeBitCast(symbol, to: Query.self)(leafIndex)
      else { return nil }
      return (leaf[5], leaf[6])
    }
  #endif

  #if canImport(Darwin) && arch(x86_64)
    /// Whether a flag of the system's configuration is set, such as `hw.optional.avx2_0`; false for an unknown name.
    ///
    /// The flags under `hw.optional` are 32-bit integers, see <sys/sysctl.h>.
    static func systemFlag(_ name: String) -> Bool {
      var value: Int32 = 0
      var byteCount = MemoryLayout<Int32>.size
      return sysctlbyname(name, &value, &byteCount, nil, 0) == 0 && value != 0
    }
  #endif

  /// Addresses for readable and writable memory, which is there once it is touched and 0 at first; nil when the system
  /// gives none.
  static func reserve(byteCount: Int) -> UnsafeMutableRawPointer? {
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #endif
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
    return memory == MAP_FAILED ? nil : memory
  }

  /// Gives reserved memory back to the system; the addresses remain. The range starts and ends with a page.
  static func discard(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    #if canImport(Darwin)
      _ = madvise(pointer, byteCount, MADV_FREE)
    #else
      _ = madvise(pointer, byteCount, Int32(MADV_DONTNEED))
    #endif
  }

  /// Asks for large pages: fewer faults on first use, fewer misses of the address cache later. A wish, never an error.
  static func preferHugePages(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      _ = madvise(pointer, byteCount, Int32(MADV_HUGEPAGE))
    #endif
  }
}
