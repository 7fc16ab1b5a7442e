package io.javisor.images.seed;

import io.javisor.core.text.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A seed disk for cloud-init's data source NoCloud: an ISO 9660 image with the label {@code cidata} and the files {@code user-data}, {@code
 * meta-data} and, if given, {@code network-config}. The same input gives the same image, and any change of it a new instance-id, so that
 * cloud-init runs again. Immutable.
 *
 * <p>Source: cloud-init's documentation, "NoCloud" and "User-data formats".
 */
public final class NoCloudSeed {
    /** What each of the two files may be at most, in bytes: 16 MiB. */
    public static final int FILE_SIZE_MAX = 16 << 20;

    /** As cloud-init looks for it; the older releases do in lower case only. */
    static final String LABEL = "cidata";

    /** What user-data begins with; cloud-init skips white space before it and does not mind the case. */
    private static final List<String> HEADERS =
            List.of("#cloud-config", "#!", "#include", "#cloud-boothook", "#part-handler", "## template: jinja");

    /** A message with this in its first so many bytes is MIME for cloud-init ({@code user_data.convert_string}), another one is not. */
    private static final String MIME_MARK = "mime-version:";

    private static final int MIME_MARK_BYTES = 4096;
    private static final String CONTENT_TYPE = "content-type:";

    private static final int GZIP_MAGIC = 0x1f8b;
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?");
    private static final Pattern NETWORK_VERSION = Pattern.compile("^\\s*\"?version\"?\\s*:", Pattern.MULTILINE);
    private static final int SHOWN_CHARACTERS = 40;

    private final byte[] userData;
    private final String hostName;
    private final Optional<byte[]> networkConfig;

    private NoCloudSeed(byte[] userData, String hostName, Optional<byte[]> networkConfig) {
        this.userData = userData;
        this.hostName = hostName;
        this.networkConfig = networkConfig;
    }

    /**
     * Checks what the guest shall be told.
     *
     * @param userData with a header that cloud-init knows, or gzip of such; up to {@link #FILE_SIZE_MAX} bytes
     * @param hostName the guest's name, up to 64 characters
     * @param networkConfig cloud-init's version 1 or 2 in YAML or JSON; empty for DHCP, as the guest's image has it
     * @throws IllegalArgumentException with a line for the user, if one of them would be of no use to cloud-init
     */
    public static NoCloudSeed of(byte[] userData, String hostName, Optional<byte[]> networkConfig) {
        checkSize("user-data", userData);
        networkConfig.ifPresent(bytes -> checkSize("network-config", bytes));
        if (!isCompressed(userData)) {
            checkHeader(userData);
        }
        if (networkConfig.isPresent()
                && !NETWORK_VERSION
                        .matcher(new String(networkConfig.get(), StandardCharsets.UTF_8)
                                .replace('{', '\n')
                                .replace(',', '\n'))
                        .find()) {
            throw new IllegalArgumentException("cloud-init network-config has no version; begin it with 'version: 2'");
        }
        if (!HOST_NAME.matcher(hostName).matches()) {
            throw new IllegalArgumentException("'" + hostName
                    + "' is not a host name for cloud-init; use up to 64 letters, digits, hyphens and dots");
        }
        return new NoCloudSeed(userData.clone(), hostName, networkConfig.map(byte[]::clone));
    }

    private static void checkSize(String name, byte[] bytes) {
        if (bytes.length == 0) {
            throw new IllegalArgumentException(
                    "cloud-init " + name + " is empty; leave the option out or fill the file");
        }
        if (bytes.length > FILE_SIZE_MAX) {
            throw new IllegalArgumentException("cloud-init " + name + " has " + bytes.length + " bytes, more than "
                    + FILE_SIZE_MAX + "; is it the right file?");
        }
    }

    private static boolean isCompressed(byte[] bytes) {
        return bytes.length >= 2 && ByteBuffer.wrap(bytes).getChar(0) == GZIP_MAGIC;
    }

    private static void checkHeader(byte[] userData) {
        String first = new String(userData, 0, Math.min(userData.length, MIME_MARK_BYTES), StandardCharsets.ISO_8859_1);
        if (first.toLowerCase(Locale.ROOT).contains(MIME_MARK)) {
            return;
        }
        String start = new String(userData, StandardCharsets.UTF_8).stripLeading();
        String lowerCase =
                start.substring(0, Math.min(start.length(), SHOWN_CHARACTERS)).toLowerCase(Locale.ROOT);
        if (lowerCase.startsWith(CONTENT_TYPE)) {
            throw new IllegalArgumentException("cloud-init user-data begins with '" + shown(start)
                    + "' but has no MIME-Version in its first " + MIME_MARK_BYTES
                    + " bytes, without which cloud-init ignores it; begin it with 'MIME-Version: 1.0'");
        }
        if (HEADERS.stream().noneMatch(lowerCase::startsWith)) {
            throw new IllegalArgumentException("cloud-init user-data begins with '" + shown(start)
                    + "', which cloud-init ignores; its first line must be #cloud-config, #!INTERPRETER or"
                    + " another header of cloud-init's");
        }
    }

    /** The first line, without what would not print in one line. */
    private static String shown(String text) {
        String line = text.lines().findFirst().orElse("");
        return Printable.excerpt(Printable.ascii(line), SHOWN_CHARACTERS);
    }

    /** {@code iid-} and 16 hex digits, from all that the seed says. */
    public String instanceId() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            List<byte[]> parts = new ArrayList<>(List.of(userData, hostName.getBytes(StandardCharsets.US_ASCII)));
            networkConfig.ifPresent(parts::add);
            for (byte[] part : parts) {
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
                digest.update(part);
            }
            return "iid-" + HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The disk's contents: whole sectors of 2048 bytes, some 50 KB and the files. */
    public byte[] image() {
        // Quoted: a host name may look like a number.
        String metaData = "instance-id: \"" + instanceId() + "\"\nlocal-hostname: \"" + hostName + "\"\n";
        List<Iso9660Image.File> files = new ArrayList<>();
        files.add(new Iso9660Image.File("meta-data", ByteBuffer.wrap(metaData.getBytes(StandardCharsets.US_ASCII))));
        networkConfig.ifPresent(bytes -> files.add(new Iso9660Image.File("network-config", ByteBuffer.wrap(bytes))));
        files.add(new Iso9660Image.File("user-data", ByteBuffer.wrap(userData)));
        return Iso9660Image.of(LABEL, files);
    }
}
