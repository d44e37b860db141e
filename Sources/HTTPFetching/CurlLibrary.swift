import CCurl
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// libcurl's functions, found by name when they are first needed: linking it would cost every command 8 ms.
///
/// `@unchecked Sendable`: the pointers never change, and libcurl's functions may be called from any thread.
@safe
final class CurlLibrary: @unchecked Sendable {
    typealias Handle = UnsafeMutableRawPointer
    typealias HeaderList = UnsafeMutablePointer<curl_slist>

    /// libcurl is loaded and initialised once in a process and never unloaded, as its manual asks (libcurl(3),
    /// "GLOBAL CONSTANTS"); hence the one static value of this module. The key is the list of names.
    private static let loaded = Mutex<[[String]: CurlLibrary]>([:])

    private let setOption: UnsafeMutableRawPointer
    private let getInfo: UnsafeMutableRawPointer
    private let makeHandle: @convention(c) () -> Handle?
    private let perform: @convention(c) (Handle) -> CURLcode
    private let cleanUp: @convention(c) (Handle) -> Void
    private let errorText: @convention(c) (CURLcode) -> UnsafePointer<CChar>?
    private let append: @convention(c) (HeaderList?, UnsafePointer<CChar>) -> HeaderList?
    private let freeList: @convention(c) (HeaderList?) -> Void

    /// The library under the first of these names that can be loaded; nil if there is none, with all it needs.
    static func load(names: [String]) -> CurlLibrary? {
        loaded.withLock { loaded in
            if let library = loaded[names] { return library }
            guard let library = names.lazy.compactMap({ CurlLibrary(name: $0) }).first else { return nil }
            loaded[names] = library
            return library
        }
    }

    /// Lazily: of the thousands of functions of the libraries that come with it, few are ever called.
    private init?(name: String) {
        guard let library = unsafe dlopen(name, RTLD_LAZY | RTLD_LOCAL),
            let start = unsafe dlsym(library, "curl_global_init"),
            let setOption = unsafe dlsym(library, "curl_easy_setopt"),
            let getInfo = unsafe dlsym(library, "curl_easy_getinfo"),
            let makeHandle = unsafe dlsym(library, "curl_easy_init"),
            let perform = unsafe dlsym(library, "curl_easy_perform"),
            let cleanUp = unsafe dlsym(library, "curl_easy_cleanup"),
            let errorText = unsafe dlsym(library, "curl_easy_strerror"),
            let append = unsafe dlsym(library, "curl_slist_append"),
            let freeList = unsafe dlsym(library, "curl_slist_free_all")
        else { return nil }
        let initialise = unsafe unsafeBitCast(start, to: (@convention(c) (Int) -> CURLcode).self)
        guard initialise(kith_curl_global_default()) == CURLE_OK else { return nil }
        unsafe self.setOption = unsafe setOption
        unsafe self.getInfo = unsafe getInfo
        unsafe self.makeHandle = unsafe unsafeBitCast(makeHandle, to: (@convention(c) () -> Handle?).self)
        unsafe self.perform = unsafe unsafeBitCast(perform, to: (@convention(c) (Handle) -> CURLcode).self)
        unsafe self.cleanUp = unsafe unsafeBitCast(cleanUp, to: (@convention(c) (Handle) -> Void).self)
        unsafe self.errorText = unsafe unsafeBitCast(
            errorText, to: (@convention(c) (CURLcode) -> UnsafePointer<CChar>?).self)
        unsafe self.append = unsafe unsafeBitCast(
            append, to: (@convention(c) (HeaderList?, UnsafePointer<CChar>) -> HeaderList?).self)
        unsafe self.freeList = unsafe unsafeBitCast(freeList, to: (@convention(c) (HeaderList?) -> Void).self)
    }

    // MARK: Handles

    func newHandle() -> Handle? { unsafe makeHandle() }

    func run(_ handle: Handle) -> CURLcode { unsafe perform(handle) }

    func free(_ handle: Handle) { unsafe cleanUp(handle) }

    func status(of handle: Handle) -> Int {
        var status = 0
        guard unsafe kith_curl_getinfo_long(getInfo, handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK else {
            return 0
        }
        return status
    }

    /// Whether nothing of a request was written in the last fetch; false where this libcurl can't tell.
    func isUnsent(_ handle: Handle) -> Bool {
        var bytes = 0
        let code = unsafe kith_curl_getinfo_long(getInfo, handle, CURLINFO_REQUEST_SIZE, &bytes)
        return code == CURLE_OK && bytes == 0
    }

    /// How long a step of the last fetch took from its beginning, in microseconds; 0 where this libcurl can't tell.
    func microseconds(_ step: CURLINFO, of handle: Handle) -> Int64 {
        var time: Int64 = 0
        guard unsafe kith_curl_getinfo_large(getInfo, handle, step, &time) == CURLE_OK else { return 0 }
        return time
    }

    func text(of code: CURLcode) -> String {
        guard let text = unsafe errorText(code) else { return "" }
        return unsafe String(cString: text)
    }

    // MARK: Options

    func set(_ option: CURLoption, to number: Int, on handle: Handle) -> CURLcode {
        unsafe kith_curl_setopt_long(setOption, handle, option, number)
    }

    func set(_ option: CURLoption, toSize size: Int, on handle: Handle) -> CURLcode {
        unsafe kith_curl_setopt_large(setOption, handle, option, Int64(size))
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, to text: String, on handle: Handle) -> CURLcode {
        unsafe kith_curl_setopt_pointer(setOption, handle, option, text)
    }

    /// libcurl keeps the pointer; nil takes it back.
    func set(_ option: CURLoption, toPointer pointer: UnsafeRawPointer?, on handle: Handle) -> CURLcode {
        unsafe kith_curl_setopt_pointer(setOption, handle, option, pointer)
    }

    func set(_ option: CURLoption, to function: kith_curl_receive_function, on handle: Handle) -> CURLcode {
        unsafe kith_curl_setopt_receive(setOption, handle, option, function)
    }

    func set(_ option: CURLoption, to function: kith_curl_progress_function, on handle: Handle) -> CURLcode {
        unsafe kith_curl_setopt_progress(setOption, handle, option, function)
    }

    func allowHTTPSAlone(on handle: Handle) -> CURLcode {
        unsafe kith_curl_allow_https_alone(setOption, handle)
    }

    // MARK: Lists

    /// Appends a line; nil if there is no memory, and then the list is unchanged.
    func appending(_ line: String, to list: HeaderList?) -> HeaderList? { unsafe append(list, line) }

    func free(_ list: HeaderList?) { unsafe freeList(list) }
}
