package io.javisor.oci.store;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/** A blob of the store. */
record StoredBlob(StorePlaces places, Descriptor descriptor) implements BlobContent {
    private static final int BUFFER_BYTES = 256 << 10;

    @Override
    public InputStream open(long offset) {
        Path file = places.blob(descriptor.digest());
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                if (channel.size() != descriptor.sizeBytes()) {
                    throw damaged(
                            descriptor.digest(),
                            "has " + channel.size() + " bytes instead of " + descriptor.sizeBytes());
                }
                channel.position(offset);
                return new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
            } catch (IOException | OciException e) {
                channel.close();
                throw e;
            }
        } catch (NoSuchFileException _) {
            throw missing(descriptor.digest());
        } catch (IOException e) {
            throw Failures.of("read", file, e);
        }
    }

    static OciException missing(Digest digest) {
        return new OciException("the image store lacks " + digest
                + "; get it again: javisor pull (or javisor load) and the image's name");
    }

    static OciException damaged(Digest digest, String how) {
        return new OciException("the image store is damaged: " + digest + " " + how
                + "; get it again: javisor pull (or javisor load) and the image's name");
    }

    /** All of it, checked against its digest. */
    static byte[] bytes(StorePlaces places, Descriptor descriptor) {
        Path file = places.blob(descriptor.digest());
        try {
            long there = StorePlaces.size(file);
            if (there != descriptor.sizeBytes()) {
                throw there < 0
                        ? missing(descriptor.digest())
                        : damaged(descriptor.digest(), "has " + there + " bytes instead of " + descriptor.sizeBytes());
            }
            if (there > ManifestDocument.SIZE_MAX) {
                throw new OciException(
                        descriptor.digest() + ": " + there + " bytes; " + ManifestDocument.SIZE_MAX + " are the most");
            }
            byte[] bytes = Files.readAllBytes(file);
            Digest digest = Digest.of(
                    descriptor.digest().algorithm(),
                    descriptor.digest().newHash().digest(bytes));
            if (!digest.equals(descriptor.digest())) {
                throw damaged(descriptor.digest(), "has another content");
            }
            return bytes;
        } catch (NoSuchFileException _) {
            throw missing(descriptor.digest());
        } catch (IOException e) {
            throw Failures.of("read", file, e);
        }
    }

    /** Whether it is there, and all its bytes are as its digest says. */
    static boolean isSound(StorePlaces places, Descriptor descriptor) {
        if (StorePlaces.size(places.blob(descriptor.digest())) != descriptor.sizeBytes()) {
            return false;
        }
        try (InputStream in = Files.newInputStream(places.blob(descriptor.digest()))) {
            MessageDigest hash = descriptor.digest().newHash();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                hash.update(buffer, 0, count);
            }
            return Digest.of(descriptor.digest().algorithm(), hash.digest()).equals(descriptor.digest());
        } catch (IOException _) {
            return false;
        }
    }
}
