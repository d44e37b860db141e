import Foundation

/// The bytes of all files below a folder.
enum FolderBytes {
    /// The files in which a word stands, whatever they are, by their paths below the folder.
    static func files(in folder: String, with word: String) throws -> [String] {
        guard let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] else {
            throw HarnessFailure("\(folder) can't be listed.")
        }
        return try names.filter { name in
            let file = URL(fileURLWithPath: folder + "/" + name)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return false }
            return try Data(contentsOf: file).range(of: Data(word.utf8)) != nil
        }
    }
}
