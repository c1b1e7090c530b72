// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

extension MappedFile {
  /// All that are mapped now.
  static let mappings = PathRegistry()

  /// The message's parts before and after the path.
  nonisolated(unsafe) private static var message: (before: StaticString, after: StaticString) = ("", "")
  nonisolated(unsafe) private static var exitCode: Int32 = 1

  /// From now on a page of a mapped file that is not there any more, because the file has become shorter or its disk has failed,
  /// writes one line to standard error, removes unfinished files and ends the process. The system has no other way to tell
  /// than SIGBUS.
  ///
  /// - Parameters:
  ///   - before: what the line has before the path.
  ///   - after: what it has after it, with the line's end.
  ///   - code: of the process.
  package static func reportFaults(before: StaticString, after: StaticString, code: Int32) {
    message = (before, after)
    exitCode = code
    // Made here, for the handler must not.
    _ = mappings
    var action = sigaction()
    action.sa_flags = Int32(SA_SIGINFO)
    sigemptyset(&action.sa_mask)
    let handler: @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void = {
      number, information, _ in
      MappedFile.report(number, at: information.map { UInt(bitPattern: $0.pointee.faultAddress) } ?? 0)
    }
    #if canImport(Darwin)
      action.__sigaction_u.__sa_sigaction = handler
    #elseif canImport(Musl)
      action.__sa_handler.sa_sigaction = handler
    #else
      action.__sigaction_handler.sa_sigaction = handler
    #endif
    sigaction(SIGBUS, &action, nil)
  }

  private static func report(_ number: Int32, at address: UInt) {
    mappings.forEach { path, addresses in
      guard addresses.contains(address) else { return }
      Interruption.removeUnfinishedFiles()
      _ = write(STDERR_FILENO, message.before.utf8Start, message.before.utf8CodeUnitCount)
      _ = write(STDERR_FILENO, path, strlen(path))
      _ = write(STDERR_FILENO, message.after.utf8Start, message.after.utf8CodeUnitCount)
      _exit(exitCode)
    }
    // Somebody else's: the system's own way, when the instruction is tried again.
    signal(number, SIG_DFL)
  }
}

extension siginfo_t {
  fileprivate var faultAddress: UnsafeMutableRawPointer? {
    #if canImport(Darwin)
      si_addr
    #elseif canImport(Musl)
      __si_fields.__sigfault.si_addr
    #else
      _sifields._sigfault.si_addr
    #endif
  }
}
