// SPDX-License-Identifier: Apache-2.0
import Testing
import UNet

/// Values that PyTorch drew on CUDA devices, to the digits published; fast device sines agree to about 1e-6.
private let publishedDigits: Float = 2e-6

@Test func philoxWordsOfThePublishedSeed() {
  let philox = Philox(seed: 42)
  #expect(philox.words(counter: [0, 0, 0, 0]) == [0x9cea_f053, 0x77f5_493b, 0x12bf_50ad, 0x5742_b3d7])
  #expect(philox.words(counter: [0, 0, 1, 0]) == [0x0293_3769, 0x2051_e913, 0x3b68_b038, 0xb62c_409c])
}

@Test func normalsAreThoseOfTorchOnCUDA() {
  let normals = Philox(seed: 42).normals(4 * 128 * 128)
  let first: [Float] = [0.1940189, 2.161374, -0.1720506, 0.8490601, -1.924399, 0.6529855, -0.6494411, -0.8175247]
  let last: [Float] = [-2.241163, -1.612512, -0.6913217, 0.3807422]
  for (found, expected) in zip(normals.prefix(8) + normals.suffix(4), first + last) {
    #expect(abs(found - expected) <= publishedDigits * max(1, abs(expected)))
  }
  let mean = normals.reduce(0) { $0 + Double($1) } / Double(normals.count)
  #expect(abs(mean - -0.0054418) <= 1e-7)
}

@Test func smallGPUsDrawSeveralNormalsAThread() {
  // A T4 holds 40,960 threads: the next element is the second draw of thread 0.
  let normals = Philox(seed: 42).normals(40_961, residentThreads: 40_960)
  #expect(abs(normals[40_960] - -0.9701898) <= publishedDigits)
  #expect(abs(Philox(seed: 42).normals(40_961)[40_960] - 1.0091226) <= publishedDigits)
}

@Test func seedZeroMatchesOtherPorts() {
  let expected: [Float] = [-0.924662, -0.425344, -2.643846, 0.145184]
  for (found, value) in zip(Philox(seed: 0).normals(4), expected) {
    #expect(abs(found - value) <= publishedDigits * max(1, abs(value)))
  }
}

@Test func scheduleKeepsMostOfTheImageAtTheDefaultTimestep() {
  let schedule = NoiseSchedule()
  #expect(schedule.cumulativeAlpha.count == 1000)
  // torch 2.13, `cumprod(1 - linspace(√0.00085, √0.012, 1000)²)`, single precision.
  for (timestep, expected) in [0: 0.999149978, 50: 0.95157665, 500: 0.276332468, 999: 0.00466009509] as [Int: Float] {
    #expect(abs(schedule.cumulativeAlpha[timestep] - expected) <= 4 * expected.ulp * Float(timestep + 1).squareRoot())
  }
  let (image, noise) = schedule.weights(at: 50)
  #expect(abs(image * image + noise * noise - 1) <= 4 * Float.ulpOfOne)
}
