package io.javisor.machine.doctor;

import io.javisor.core.host.Libc;
import org.jspecify.annotations.Nullable;

/** The native part of jffi: the launcher points to it; without the launcher it is unpacked into a temporary directory. */
final class NativeLibraryProbe {
    private NativeLibraryProbe() {}

    static Check check() {
        return check(tryLoad());
    }

    static Check check(@Nullable Throwable problem) {
        if (problem == null) {
            return Check.ok("native-library", "the C library can be called");
        }
        Throwable cause = problem;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason = String.valueOf(cause.getMessage()).strip().replaceAll("\\s*\\R\\s*", "; ");
        return Check.failure(
                "native-library",
                "jffi, which calls the C library, can't be loaded: " + reason,
                "export JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=$HOME   # a directory with space, mounted without noexec");
    }

    private static @Nullable Throwable tryLoad() {
        try {
            int _ = Libc.getpid();
            return null;
        } catch (LinkageError | RuntimeException e) {
            return e;
        }
    }
}
