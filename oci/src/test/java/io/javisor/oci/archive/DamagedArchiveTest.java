package io.javisor.oci.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.model.Manifest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An archive that is cut anywhere, or has another byte anywhere, is refused in one line, or its image is the one that it was, or another that is whole. */
class DamagedArchiveTest {
    private static final int STRIDE = 41;

    private final SampleImage image = SampleImage.gzip("one", "two");

    @TempDir
    private Path directory = Path.of("");

    private byte[] saved(ArchiveFormat format) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArchiveWriter writer = ArchiveWriter.toStream("-", bytes, format)) {
            try (var target = writer.image(List.of(Reference.parse("x:1")))) {
                image.sendTo(target);
            }
            writer.finish();
        }
        return bytes.toByteArray();
    }

    /** Reads what there is; false if it was refused, by the source or, as a pull would, for the content's digest. */
    private boolean isTaken(byte[] archive) throws IOException {
        Path file = Files.write(directory.resolve("archive.tar"), archive);
        try (ImageArchive opened = ImageArchive.open(file)) {
            for (ArchivedImage each : opened.images()) {
                ManifestDocument document = each.source().top();
                Manifest manifest = Manifest.parse(document);
                boolean whole = fits(each, manifest.config())
                        && manifest.layers().stream().allMatch(layer -> fits(each, layer));
                if (!whole) {
                    return false;
                }
            }
            return true;
        } catch (OciException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(file.toString()) || message.startsWith("sha256:"), message);
            assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
            return false;
        }
    }

    private static boolean fits(ArchivedImage each, Descriptor descriptor) {
        SourceReader.Sink sink = new SourceReader.Sink(new byte[0]);
        each.source().blob(descriptor, sink);
        return Arrays.equals(
                descriptor.digest().newHash().digest(sink.bytes()),
                HexFormat.of().parseHex(descriptor.digest().hex()));
    }

    @ParameterizedTest
    @EnumSource
    void refusesAnyCut(ArchiveFormat format) throws IOException {
        byte[] whole = saved(format);
        assertTrue(isTaken(whole));
        // The two blocks of zeros at the end may be missing, and what fills the last file's block; where an archive is
        // of both kinds, without its last file, oci-layout, it is docker's.
        int end = whole.length - (format == ArchiveFormat.DOCKER_AND_OCI ? 2048 : 1024 + 511);
        for (int length = 0; length < end; length += 256) {
            assertFalse(isTaken(Arrays.copyOf(whole, length)), "of " + length + " bytes");
        }
    }

    @Test
    void survivesAnyOtherByte() throws IOException {
        byte[] whole = saved(ArchiveFormat.DOCKER_AND_OCI);
        int refused = 0;
        int tried = 0;
        for (int at = 0; at < whole.length; at += STRIDE) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) (1 << at % 8);
            refused += isTaken(changed) ? 0 : 1;
            tried++;
        }
        assertTrue(refused > tried / 4, refused + " of " + tried);
        assertEquals((whole.length + STRIDE - 1) / STRIDE, tried);
    }
}
