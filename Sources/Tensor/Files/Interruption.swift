// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// What becomes of the file that is being written when the process is told to stop.
package enum Interruption {
  /// The temporary file's path, for the signal handler: it may call unlink and little else.
  nonisolated(unsafe) private static var pending: UnsafeMutablePointer<CChar>?

  /// From now on SIGINT, SIGTERM and SIGHUP remove the unfinished file and end the process with 128 + the signal's number,
  /// as shells do. They are unblocked first: a parent that started this process from a worker thread may have left them
  /// blocked.
  package static func install() {
    for number in signals {
      signal(number) { number in
        if let path = Interruption.pending { unlink(path) }
        _exit(128 + number)
      }
    }
    var set = signalSet
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  private static var signalSet: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    return set
  }

  /// Holds the signals back while `body` makes a file and names it: one that came in between would leave the file. Other
  /// threads are Dispatch's, which take no signals.
  static func deferred<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    var (set, before) = (signalSet, sigset_t())
    pthread_sigmask(SIG_BLOCK, &set, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
  }

  /// Names the file to remove; one at a time.
  static func remove(_ path: String) {
    keep()
    pending = strdup(path)
  }

  /// The file is finished or gone.
  static func keep() {
    let path = pending
    pending = nil
    free(path)
  }
}
