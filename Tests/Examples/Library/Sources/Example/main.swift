// SPDX-License-Identifier: Apache-2.0
import Segment

// Usage: Example PHOTOGRAPH FEATURES FOLDER [MODEL]. `Tests/Recipes/example-package.sh` runs it and looks at what it prints.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3 else { preconditionFailure("Example PHOTOGRAPH FEATURES FOLDER [MODEL]") }
let (photograph, featureFile, folder) = (arguments[0], arguments[1], arguments[2])

print("instructions: \(InstructionSet.active), of \(InstructionSet.supported.map(\.rawValue))")
Parallel.threadCount = 2

try segment([photograph], model: arguments.dropFirst(3).first, into: folder)
try describe(photograph)
try rate(photograph)
try annotate([photograph], into: folder)
if let tree = try cut(featureFile).tree { show(tree) }
try writeFeatures(of: photograph, by: BuiltInEncoder(), to: "\(folder)/features.safetensors")
_ = try cut("\(folder)/features.safetensors")
print("mean color:", try Segmenter(encoder: MeanColor()).segment(Image(contentsOf: photograph)).segmentCount)
for missing in ["missing.png", featureFile] {
  do { _ = try Image(contentsOf: missing) } catch { print("failure:", explanation(of: error)) }
}
do { _ = try DiffusionEncoder(model: "no/model", cacheDirectory: folder) } catch {
  print("failure:", explanation(of: error))
}
