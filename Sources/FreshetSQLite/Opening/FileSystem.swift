import CSQLite
import Glibc

/// Which file systems SQLite cannot keep its promises on.
enum FileSystem {
    /// Magic numbers as in linux/magic.h and statfs(2).
    private static let network: [Int64: String] = [
        0x0000_517b: "SMB",
        0x0000_564c: "NCP",
        0x0000_6969: "NFS",
        0x00c3_6400: "Ceph",
        0x0102_1997: "9p",
        0x0bd0_0bd0: "Lustre",
        0x4750_4653: "GPFS",
        0x5346_414f: "AFS",
        0x6b41_4653: "AFS",
        0x7375_7245: "Coda",
        0xfe53_4d42: "SMB",
        0xff53_4d42: "CIFS",
    ]
    private static let fuse: Int64 = 0x6573_5546

    /// Kinds of FUSE whose files are on this machine; what is not known to be local is taken to be remote.
    private static let localFuse: Set = ["fuse.fuse-overlayfs", "fuse.lxcfs", "fuseblk", "fuse.ntfs-3g", "fuse.zfs"]

    /// The name of the network file system that a folder is on; `nil` for a local one, or one that cannot be asked.
    static func networkName(of folder: String) -> String? {
        let magic = fr_file_system_magic(folder)
        guard magic == fuse else { return network[magic] }
        var file = stat()
        guard stat(folder, &file) == 0 else { return nil }
        let kind = kind(ofDevice: UInt64(file.st_dev), in: mounts())
        return kind.map(localFuse.contains) == true ? nil : kind ?? "FUSE"
    }

    /// The kind of a mounted file system, from the text of `/proc/self/mountinfo` (proc(5)).
    static func kind(ofDevice device: UInt64, in mounts: String) -> String? {
        // The encoding of dev_t is glibc's, as in gnu_dev_major(3).
        let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
        let minor = device & 0xff | (device >> 12) & ~0xff
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[2] == "\(major):\(minor)",
                let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count
            else { continue }
            return String(fields[dash + 1])
        }
        return nil
    }

    private static func mounts() -> String {
        let descriptor = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += chunk.prefix(count)
        }
    }
}
