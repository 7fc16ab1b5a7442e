package io.javisor.oci;

import io.javisor.core.text.Printable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What a content is addressed by: the hash of its bytes (OCI image-spec 1.1, descriptor.md, "Digests").
 *
 * @param algorithm {@code sha256} or {@code sha512}, the two that the specification registers
 * @param hex the hash in lower case, 64 or 128 digits: fit for a file's name
 */
public record Digest(String algorithm, String hex) {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

    public Digest {
        int digits =
                switch (algorithm) {
                    case "sha256" -> 64;
                    case "sha512" -> 128;
                    default ->
                        throw new OciException("unsupported digest algorithm: " + Printable.asciiLine(algorithm)
                                + "; there are sha256 and sha512");
                };
        if (hex.length() != digits || !HEX.matcher(hex).matches()) {
            throw new OciException(
                    "invalid digest: " + algorithm + " takes " + digits + " hexadecimal digits in lower case");
        }
    }

    /**
     * Reads {@code ALGORITHM:HEX}.
     *
     * @throws OciException in one line, if it is none, or of an algorithm other than those two
     */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new OciException("invalid digest: it has no algorithm; it is written sha256:0123...");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The digest that a finished hash of {@link #newHash} has. */
    public static Digest of(String algorithm, byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    /** The SHA-256 of bytes. */
    public static Digest sha256(byte[] bytes) {
        return of("sha256", newHash("sha256").digest(bytes));
    }

    /** A hash to feed with the content, of the same algorithm as this digest. */
    public MessageDigest newHash() {
        return newHash(algorithm);
    }

    /** A hash of {@code sha256} or {@code sha512}. */
    public static MessageDigest newHash(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            // JDK's security documentation: every Java platform has SHA-256; Temurin has both.
            throw new IllegalStateException(impossible);
        }
    }

    /** The first twelve digits, which is what lists show. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
