import Segment
import Tensor
@main struct Main {
  static func main() throws {
    Parallel.threadCount = 1
    let taus: [(String, Double)] = [
      ("chelsea-tau0.25", 0.25), ("rocket-tau0.3", 0.3), ("astronaut-tau0.2", 0.2), ("coffee-tau0.3", 0.3),
      ("coffee-tau0.5", 0.5), ("rocket-tau0.15", 0.15),
    ]
    for (name, tau) in taus {
      let a = try NPY.parse(MappedFile.contents(of: "/work/npy/\(name).npy"))
      let nodes = try NPY.parse(MappedFile.contents(of: "/work/npy/\(name).nodes.npy")).doubles()
      let pixels = try NPY.parse(MappedFile.contents(of: "/work/npy/\(name).pixels.npy")).doubles()
      let f = try FeatureMap(grid: Grid(height: 32, width: 32), channels: a.shape[1], values: a.doubles())
      for _ in 0..<3 {
        let t0 = Platform.monotonicSeconds
        let unit = f.unitRows()
        let affinity = AffinityMatrix(unit: unit, channels: f.channels, exponent: 10)
        let t1 = Platform.monotonicSeconds
        let tree = try RecursiveNormalizedCut.tree(of: affinity, nodeCount: 1024, tau: tau)
        let t2 = Platform.monotonicSeconds
        let l = tree.labels()
        let map = ConceptAssignment.labelMap(
          unit: unit, channels: f.channels, grid: f.grid, labels: l.labels, classCount: l.count, height: 128, width: 128
        )
        let t3 = Platform.monotonicSeconds
        let wrongN = zip(l.labels, nodes).count { $0 != Int($1) }
        let wrongP = zip(map.labels, pixels).count { $0 != Int32($1) }
        print(
          name, l.count, "examined", tree.nodes.count, "wrong nodes", wrongN, "pixels", wrongP, "ms", (t1 - t0) * 1e3,
          (t2 - t1) * 1e3, (t3 - t2) * 1e3, (t3 - t0) * 1e3)
      }
    }
  }
}
