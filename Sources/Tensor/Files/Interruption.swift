// SPDX-License-Identifier: Apache-2.0
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// What becomes of the files that are being written when the process is told to stop.
package enum Interruption {
  /// Temporary files that are not finished.
  private static let unfinished = PathRegistry()
  private static let isStopping = Atomic(false)
  /// Threads that make a file which is not noted yet.
  private static let creatingThreads = Atomic(0)
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// From now on SIGINT, SIGTERM and SIGHUP remove unfinished files and end the process with 128 + the signal's number,
  /// as shells do. They are unblocked first: a parent that started this process from a worker thread may have left them
  /// blocked.
  package static func install() {
    // Made here, for a handler must not.
    _ = (unfinished, isStopping.load(ordering: .relaxed), creatingThreads.load(ordering: .relaxed))
    for number in signals {
      signal(number) { number in
        Interruption.removeUnfinishedFiles()
        _exit(128 + number)
      }
    }
    var set = signalSet
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// For handlers. Other threads go on meanwhile, but begin no file.
  static func removeUnfinishedFiles() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    while creatingThreads.load(ordering: .sequentiallyConsistent) > 0 { sched_yield() }
    unfinished.forEach { path, _ in unlink(path) }
  }

  /// Has a temporary file made and notes it. No signal comes in between: this thread holds them back, and a handler on another
  /// waits.
  static func begin<Failure: Error>(
    _ make: () throws(Failure) -> (descriptor: Int32, name: String)
  ) throws(Failure) -> (descriptor: Int32, name: String, entry: PathRegistry.Entry) {
    var (set, before) = (signalSet, sigset_t())
    pthread_sigmask(SIG_BLOCK, &set, &before)
    creatingThreads.add(1, ordering: .sequentiallyConsistent)
    defer {
      creatingThreads.subtract(1, ordering: .sequentiallyConsistent)
      pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    while isStopping.load(ordering: .sequentiallyConsistent) {
      // The process is about to end.
      creatingThreads.subtract(1, ordering: .sequentiallyConsistent)
      sleep(1)
      creatingThreads.add(1, ordering: .sequentiallyConsistent)
    }
    let (descriptor, name) = try make()
    return (descriptor, name, unfinished.insert(name))
  }

  /// The file is finished or gone.
  static func end(_ entry: PathRegistry.Entry) { unfinished.remove(entry) }

  private static var signalSet: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    return set
  }
}
