import Tensor
@main struct Main { static func main() {
  Parallel.threadCount = 1
  for n in [1024, 2048] {
    var a = Tensor(zeros: [n, n]); a.withMutableSpan { s in for i in 0..<s.count { s[i] = Float(i % 7) - 3 } }
    let b = a
    for set in InstructionSet.supported {
      var best: [Double] = []
      for _ in 0..<7 { let t = Platform.monotonicSeconds; let c = a.multiplied(by: b, using: .table(for: set)); best.append(Platform.monotonicSeconds - t); if c[0,0] == 12345 { print("x") } }
      best.sort()
      print(n, set, "median", 2 * Double(n*n*n) / best[3] / 1e9, "best", 2 * Double(n*n*n) / best[0] / 1e9)
    }
  }
} }
