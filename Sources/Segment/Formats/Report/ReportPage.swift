// SPDX-License-Identifier: Apache-2.0
import Segment

/// The page around the data.
enum ReportPage {
  /// Marks what the page's policy lets run: its own style and script, nothing that slipped in, and no connection at all.
  private static let nonce = "diffcut"

  /// Everything before the data.
  static func head(title: String, generator: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-\(nonce)'; \
    script-src 'nonce-\(nonce)'; base-uri 'none'; form-action 'none'">
    <meta name="generator" content="\(Report.escaped(generator))">
    <title>\(Report.escaped(title))</title>
    <style nonce="\(nonce)">
    \(embedded(PackageResources.style_css))
    </style>
    </head>
    <body>
    \(body(generator: Report.escaped(generator)))

    """
  }

  /// Everything behind the data.
  static var tail: String {
    """
    <script nonce="\(nonce)">
    "use strict";
    (() => {
    \(embedded(PackageResources.cut_js))
    \(embedded(PackageResources.paint_js))
    const SEQUENTIAL = palette("\(hexadecimal(ColorMap.sequential))");
    const DIVERGING = palette("\(hexadecimal(ColorMap.diverging))");
    \(embedded(PackageResources.view_js))
    \(embedded(PackageResources.controls_js))
    })();
    </script>
    </body>
    </html>

    """
  }

  /// Returns a file of the folder `Page`, which the build embeds, without its heading: the lines up to the first empty one.
  private static func embedded(_ file: [UInt8]) -> String {
    let text = String(decoding: file, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.drop { !$0.isEmpty }.dropFirst().dropLast().joined(separator: "\n")
  }

  private static func hexadecimal(_ colors: [RGBColor]) -> String {
    let digits = Array("0123456789abcdef")
    return colors.reduce(into: "") { text, color in
      for byte in [color.red, color.green, color.blue] {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
    }
  }

  private static func body(generator: String) -> String {
    """
    <header class="bar">
      <p class="brand"><span class="mark" aria-hidden="true"><i></i><i></i><i></i><i></i></span>diffcut <span>report</span></p>
      <nav id="images" class="images" aria-label="Images" hidden></nav>
      <button id="theme" class="quiet" type="button" aria-label="Switch between light and dark">◐</button>
    </header>
    <main>
      <section class="stage" aria-label="Image">
        <div class="title">
          <div><h1 id="name"></h1><p id="facts" class="muted"></p></div>
          <div class="modes" role="radiogroup" aria-label="View">
            <button type="button" role="radio" data-mode="segments">Segments</button>
            <button type="button" role="radio" data-mode="affinity">Affinity</button>
            <button type="button" role="radio" data-mode="eigenvector">Eigenvector</button>
          </div>
        </div>
        <div id="frame" class="frame">
          <canvas id="canvas" tabindex="0" role="img" aria-describedby="readout"></canvas>
          <div id="tip" class="tip" hidden></div>
        </div>
        <div class="below">
          <p id="readout" class="muted" aria-live="polite"></p>
          <label id="heat-choice" hidden>show
            <select id="heat"><option value="cosine">cosine similarity</option><option value="weight">graph weight (cosine scaled, to the power α)</option></select>
          </label>
          <label>overlay <input id="opacity" type="range" min="0" max="100" value="55"></label>
        </div>
        <div class="card tau">
          <div class="number">
            <label for="tau-number">τ</label>
            <input id="tau-number" type="number" min="0" step="any" inputmode="decimal">
          </div>
          <div class="track">
            <input id="tau" type="range" min="0" step="any" aria-label="Threshold tau">
            <canvas id="ticks" aria-hidden="true"></canvas>
          </div>
          <div class="steps">
            <button id="fewer" type="button" aria-label="To the next smaller number of segments">−</button>
            <output id="count"></output>
            <button id="more" type="button" aria-label="To the next larger number of segments">+</button>
          </div>
        </div>
      </section>
      <aside>
        <section class="card list">
          <h2>Segments</h2>
          <p class="columns muted"><span>id</span><span>area</span><span title="The Ncut of the best cut through this segment: a larger τ splits it">splits above τ</span></p>
          <ol id="segments"></ol>
        </section>
        <section class="card" id="eigen-card">
          <h2>Eigenvectors of the graph</h2>
          <div id="eigenvectors" class="thumbs"></div>
        </section>
        <p class="muted small">This page computes every cut from the stored recursion. Node labels are those of
        <code>diffcut cut</code> at the same τ. Keys: arrows move τ or the pointer on the image, + and − jump to the
        next change, S, A and E switch the view.</p>
        <p class="muted small">\(generator)</p>
      </aside>
    </main>
    <noscript><p class="card">This page needs JavaScript; it loads nothing.</p></noscript>
    """
  }
}
