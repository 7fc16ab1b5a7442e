package io.javisor.machine.config;

import io.javisor.core.host.UnixSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A virtio socket device: connections between programs of the guest and of the host.
 *
 * @param guestCid the guest's context id, {@link #MIN_CID} to {@link #MAX_CID}
 * @param path a Unix socket that is made there, for those that the host begins; those that the guest begins lead to {@code PATH_PORT}
 */
public record VsockConfig(long guestCid, Path path) implements VirtioDeviceConfig {
    /** What {@link #parse} takes. */
    public static final String SYNTAX = "cid=N,path=FILE";

    /** Those below are the hypervisor's, a local one and the host (vsock(7)). */
    public static final long MIN_CID = 3;

    /** The one above is any. */
    public static final long MAX_CID = 0xFFFF_FFFEL;

    private static final int HOST_CID = 2;
    private static final String CID = "cid";
    private static final String PATH = "path";
    private static final Set<String> KEYS = Set.of(CID, PATH);
    private static final int LONGEST_SUFFIX = "_4294967295".length();

    /** @throws ConfigException if the context id is out of range, or the path is too long */
    public VsockConfig {
        if (guestCid < MIN_CID || guestCid > MAX_CID) {
            throw new ConfigException("a guest's context id is " + MIN_CID + " to " + MAX_CID + ", not " + guestCid);
        }
        int longest = UnixSocket.MAX_PATH_BYTES - LONGEST_SUFFIX;
        int bytes = UnixSocket.pathBytes(path.toString());
        if (bytes > longest) {
            throw new ConfigException("vsock " + path + " has a path of " + bytes + " bytes; with _PORT after it a"
                    + " socket's may have " + UnixSocket.MAX_PATH_BYTES + ", so give one of at most " + longest
                    + ", or a relative one");
        }
    }

    /**
     * Reads one as the command line has it.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}, or the context id is out of range
     * @throws ConfigException if the path is too long
     */
    public static VsockConfig parse(String text) {
        Map<String, String> words = text.indexOf('=') < 0 ? Map.of() : OptionWords.parse(withKey(text), KEYS);
        String path = words.getOrDefault(PATH, "");
        if (path.isEmpty() || !words.containsKey(CID)) {
            throw new IllegalArgumentException("'" + text + "' is not " + SYNTAX);
        }
        return new VsockConfig(cid(words.getOrDefault(CID, "")), Path.of(path));
    }

    /** A number may come first without its key. */
    private static String withKey(String text) {
        return text.isEmpty() || !Character.isDigit(text.charAt(0)) ? text : CID + "=" + text;
    }

    private static long cid(String text) {
        long cid = text.matches("[0-9]{1,10}") ? Long.parseLong(text) : -1;
        if (cid >= MIN_CID && cid <= MAX_CID) {
            return cid;
        }
        if (cid == HOST_CID) {
            throw new IllegalArgumentException(
                    CID + "=" + HOST_CID + " is the host; a guest's context id is " + MIN_CID + " to " + MAX_CID);
        }
        throw new IllegalArgumentException(
                CID + "='" + text + "' is not a guest's context id, " + MIN_CID + " to " + MAX_CID);
    }

    /** The same at another path. */
    public VsockConfig at(Path other) {
        return new VsockConfig(guestCid, other);
    }

    /** Where a program of the host's listens for what the guest sends to a port, 32 bits, unsigned. */
    public String listenerPath(int port) {
        return path + "_" + Integer.toUnsignedString(port);
    }

    @Override
    public String kind() {
        return "vsock";
    }

    @Override
    public boolean isSingle() {
        return true;
    }

    @Override
    public String description() {
        return "virtio sockets: " + this;
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        return CID + "=" + guestCid + "," + PATH + "=" + path.toString().replace(",", ",,");
    }
}
