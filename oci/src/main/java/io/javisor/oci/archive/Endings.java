package io.javisor.oci.archive;

import java.io.IOException;
import java.io.OutputStream;

/** What becomes of a stream that an archive was written to. */
final class Endings {
    private Endings() {}

    /** A file that takes another's place. */
    static TarOutput.Ending replacing(NewFile file) {
        return new TarOutput.Ending() {
            @Override
            public void finish() throws IOException {
                file.replace();
            }

            @Override
            public void discard() throws IOException {
                file.close();
            }
        };
    }

    /** A stream of its own, which is closed. */
    static TarOutput.Ending closing(OutputStream stream) {
        return new TarOutput.Ending() {
            @Override
            public void finish() throws IOException {
                stream.close();
            }

            @Override
            public void discard() throws IOException {
                stream.close();
            }
        };
    }

    /** Another's stream, which stays open. */
    static TarOutput.Ending flushing(OutputStream stream) {
        return new TarOutput.Ending() {
            @Override
            public void finish() throws IOException {
                stream.flush();
            }

            @Override
            public void discard() {
                // What is in it stays there.
            }
        };
    }
}
