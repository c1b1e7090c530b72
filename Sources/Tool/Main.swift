// SPDX-License-Identifier: Apache-2.0
import Tensor

@main
struct Main {
  static func main() {
    Platform.occupyStandardDescriptors()
    Platform.ignoreBrokenPipe()
    Interruption.install()
    MappedFile.reportFaults(
      before: "diffcut: error: '",
      after: "' became shorter while it was read; run the command again when it is complete\n",
      code: ExitCode.badModel.rawValue)
    let code: ExitCode
    do {
      if let argument = Platform.malformedArgument {
        throw ToolError.usage(
          "argument '\(argument)' is not UTF-8", hint: "rename the file, or pass it on standard input")
      }
      code = try Tool.run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      let failure = ToolError(error, reading: "internal error")
      Console.error(failure.text)
      code = failure.code
    }
    Platform.exitProcess(code.rawValue)
  }
}
