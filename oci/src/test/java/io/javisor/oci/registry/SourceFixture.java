package io.javisor.oci.registry;

import static io.javisor.oci.registry.Setup.failure;

import io.javisor.oci.ImageSource;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.ScriptedServer;
import io.javisor.oci.registry.http.ScriptedServer.Asked;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Images and blobs of a registry that answers as the test says. */
abstract class SourceFixture {
    @TempDir
    Path home = Path.of("");

    static ImageSource source(Setup setup, ScriptedServer server, String rest) {
        return setup.registries().source(Reference.parse(server.host() + "/" + rest));
    }

    /** Gives a blob, or the part that is asked for. */
    static void ranged(Asked asked, byte[] blob, int atMost) throws IOException {
        int from = asked.header("Range")
                .map(text -> Integer.parseInt(text.substring("bytes=".length(), text.length() - 1)))
                .orElse(0);
        String range = "Content-Range: bytes " + from + "-" + (blob.length - 1) + "/" + blob.length + "\r\n";
        asked.head(from == 0 ? 200 : 206, from == 0 ? "" : range, blob.length - from);
        int count = Math.min(atMost, blob.length - from);
        asked.raw(blob, from, count);
        if (count < blob.length - from) {
            asked.hangUp();
        }
    }

    Setup.Sink pull(byte[] blob, ScriptedServer.Script script) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(script);
                Setup setup = Setup.of(home);
                ImageSource source = source(setup, server, "a")) {
            Setup.Sink sink = new Setup.Sink(blob.length);
            source.blob(Setup.descriptor(blob), sink);
            return sink;
        }
    }

    String pullFailure(byte[] blob, ScriptedServer.Script script) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(script);
                Setup setup = Setup.of(home);
                ImageSource source = source(setup, server, "a")) {
            Setup.Sink sink = new Setup.Sink(blob.length);
            return failure(() -> source.blob(Setup.descriptor(blob), sink)).replace(server.host(), "HOST");
        }
    }
}
