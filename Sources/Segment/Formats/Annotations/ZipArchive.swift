// SPDX-License-Identifier: Apache-2.0
import Segment

/// Writes a ZIP archive of stored files from front to back: no more than one file is in memory.
///
/// The same files give the same bytes: their time is the format's first, 1 January 1980. Archives of more than 65534 files or
/// of 4 GiB get the records of ZIP64. One file is below 4 GiB: a PNG of the largest image that is read has 0.8 GB.
///
/// - Source: APPNOTE.TXT, version 6.3.10, sections 4.3 to 4.5.
package struct ZipArchive {
  private struct Entry {
    let name: [UInt8]
    let checksum: UInt32
    let size: Int
    let offset: Int
  }

  private static let limit = Int(UInt32.max)
  private static let (plain, zip64) = (20, 45)
  private static let nameIsUTF8 = 1 << 11
  /// Day, month and years since 1980 in bits 0–4, 5–8 and 9–15.
  private static let date = 1 | 1 << 5

  private var entries: [Entry] = []
  private var offset: Int

  /// - Parameter offset: bytes that lie before the archive in its file.
  package init(at offset: Int = 0) { self.offset = offset }

  /// Appends a file.
  package mutating func add(_ name: String, _ bytes: [UInt8], append: ([UInt8]) throws -> Void) throws {
    let entry = Entry(name: Array(name.utf8), checksum: CRC32.checksum(bytes), size: bytes.count, offset: offset)
    entries.append(entry)
    var header = LittleEndianBytes()
    header.append(0x0403_4b50, size: 4)
    header.append(Self.plain, size: 2)
    header.appendDescription(of: entry.checksum, entry.size, flags: Self.nameIsUTF8, date: Self.date)
    header.append(entry.name.count, size: 2)
    header.append(0, size: 2)
    offset += header.bytes.count + entry.name.count + entry.size
    try append(header.bytes + entry.name)
    try append(bytes)
  }

  /// Appends the directory, after which nothing may follow.
  package func finish(append: ([UInt8]) throws -> Void) throws {
    var size = 0
    for entry in entries {
      let record = Self.directoryRecord(of: entry)
      size += record.count
      try append(record)
    }
    let isLarge = entries.count >= 0xffff || offset + size >= Self.limit
    var end = LittleEndianBytes()
    if isLarge {
      // The record, and where it is.
      end.append(0x0606_4b50, size: 4)
      end.append(44, size: 8)
      end.append(Self.zip64, size: 2)
      end.append(Self.zip64, size: 2)
      end.append(0, size: 4)
      end.append(0, size: 4)
      end.append(entries.count, size: 8)
      end.append(entries.count, size: 8)
      end.append(size, size: 8)
      end.append(offset, size: 8)
      end.append(0x0706_4b50, size: 4)
      end.append(0, size: 4)
      end.append(offset + size, size: 8)
      end.append(1, size: 4)
    }
    end.append(0x0605_4b50, size: 4)
    end.append(0, size: 2)
    end.append(0, size: 2)
    end.append(isLarge ? 0xffff : entries.count, size: 2)
    end.append(isLarge ? 0xffff : entries.count, size: 2)
    end.append(isLarge ? Self.limit : size, size: 4)
    end.append(isLarge ? Self.limit : offset, size: 4)
    end.append(0, size: 2)
    try append(end.bytes)
  }

  private static func directoryRecord(of entry: Entry) -> [UInt8] {
    let isFar = entry.offset >= limit
    var record = LittleEndianBytes()
    record.append(0x0201_4b50, size: 4)
    // Made on Unix, whose permissions are given below.
    record.append(3 << 8 | zip64, size: 2)
    record.append(isFar ? zip64 : plain, size: 2)
    record.appendDescription(of: entry.checksum, entry.size, flags: nameIsUTF8, date: date)
    record.append(entry.name.count, size: 2)
    record.append(isFar ? 12 : 0, size: 2)
    record.append(0, size: 2)
    record.append(0, size: 2)
    record.append(0, size: 2)
    // A regular file that its owner may write and all may read.
    record.append(0o100644 << 16, size: 4)
    record.append(isFar ? limit : entry.offset, size: 4)
    record.bytes += entry.name
    if isFar {
      record.append(1, size: 2)
      record.append(8, size: 2)
      record.append(entry.offset, size: 8)
    }
    return record.bytes
  }
}

/// Bytes of numbers, the lowest first.
private struct LittleEndianBytes {
  var bytes: [UInt8] = []

  mutating func append(_ value: Int, size: Int) {
    for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  /// The fields from the flags to the sizes, which a file's header and its record in the directory share.
  mutating func appendDescription(of checksum: UInt32, _ size: Int, flags: Int, date: Int) {
    append(flags, size: 2)
    append(0, size: 2)
    append(0, size: 2)
    append(date, size: 2)
    append(Int(checksum), size: 4)
    append(size, size: 4)
    append(size, size: 4)
  }
}
