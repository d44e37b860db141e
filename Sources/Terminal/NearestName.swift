/// The name among the candidates that a mistyped word probably meant, or nil where none is near.
///
/// Near means at most one edit for up to four letters, else at most a third of the letters. An edit is to insert,
/// remove, replace or swap neighbouring letters (optimal string alignment).
package func nearestName(to word: String, among candidates: [String]) -> String? {
    let longestWord = 64
    let letters = Array(word.utf8.prefix(longestWord))
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(letters, Array(candidate.utf8.prefix(longestWord)))
        let limit = max(1, letters.count / 3)
        if distance <= limit, distance < best?.distance ?? Int.max {
            best = (candidate, distance)
        }
    }
    return best?.name
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
        var current = [i + 1]
        current.reserveCapacity(right.count + 1)
        for j in right.indices {
            let cost = left[i] == right[j] ? 0 : 1
            var distance = min(last[j + 1] + 1, current[j] + 1, last[j] + cost)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                distance = min(distance, beforeLast[j - 1] + 1)
            }
            current.append(distance)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
