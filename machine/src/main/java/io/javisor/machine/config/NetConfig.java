package io.javisor.machine.config;

import io.javisor.core.net.NetInterfaces;
import io.javisor.devices.virtio.net.MacAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A network card.
 *
 * @param attachment where its cable goes
 * @param mac its address; null for one that follows from the machine's name and the card's number
 */
public record NetConfig(Attachment attachment, @Nullable MacAddress mac) implements VirtioDeviceConfig {
    /** What {@link #parse} takes. */
    public static final String SYNTAX = "tap[,ifname=NAME][,bridge=NAME][,queues=N][,mtu=N][,mac=ADDRESS]"
            + " or user[,publish=[ADDRESS:]HOSTPORT:GUESTPORT[/tcp|udp]]...[,host-loopback=on|off][,mac=ADDRESS]";

    /** The most pairs of queues. */
    public static final int MAX_QUEUES = 16;

    private static final int MIN_MTU = 68;
    private static final int MAX_MTU = 65_521; // a tap's
    private static final String KIND = "kind";
    private static final String PUBLISH = "publish=";
    private static final String HOST_LOOPBACK = "host-loopback";
    private static final Set<String> TAP_KEYS = Set.of(KIND, "ifname", "bridge", "queues", "mtu", "mac");
    private static final Set<String> USER_KEYS = Set.of(KIND, "publish", HOST_LOOPBACK, "mac");

    /** The other end of a card's cable. */
    public sealed interface Attachment {}

    /**
     * A tap of the host.
     *
     * @param interfaceName the tap's, made if it does not exist; null for a new one that the kernel names
     * @param bridge what the tap is joined to; null to leave it as it is
     * @param queues pairs of queues, 1 to {@link #MAX_QUEUES}
     * @param mtu what the tap is set to, or 0 to leave it as it is
     */
    public record Tap(
            @Nullable String interfaceName, @Nullable String bridge, int queues, int mtu) implements Attachment {
        /** @throws ConfigException if one is out of range */
        public Tap {
            requireName("ifname", interfaceName);
            requireName("bridge", bridge);
            if (queues < 1 || queues > MAX_QUEUES) {
                throw new ConfigException("a network card has 1 to " + MAX_QUEUES + " queues, not " + queues);
            }
            if (mtu != 0 && (mtu < MIN_MTU || mtu > MAX_MTU)) {
                throw new ConfigException("mtu=" + mtu + " is not within " + MIN_MTU + " and " + MAX_MTU);
            }
        }

        private static void requireName(String key, @Nullable String name) {
            if (name != null && !NetInterfaces.isName(name)) {
                throw new ConfigException(key + "='" + name
                        + "' is no name of an interface: these have 1 to 15 characters, no '/', ':' or space");
            }
        }

        @Override
        public String toString() {
            return "tap" + word("ifname", interfaceName) + word("bridge", bridge)
                    + (queues == 1 ? "" : ",queues=" + queues) + (mtu == 0 ? "" : ",mtu=" + mtu);
        }

        private static String word(String key, @Nullable String value) {
            return value == null ? "" : "," + key + "=" + value;
        }
    }

    /**
     * The host's own network, as any program of the user has it, by passt(1).
     *
     * @param published ports of the host
     * @param hostLoopback whether the guest may reach the host's loopback interface, by its gateway's address
     * @param place what its IPv4 address is; null for the host's own. Not on the command line
     */
    public record User(
            List<PublishedPort> published,
            boolean hostLoopback,
            @Nullable Place place) implements Attachment {
        public User {
            published = List.copyOf(published);
        }

        /** With the host's own address. */
        public User(List<PublishedPort> published, boolean hostLoopback) {
            this(published, hostLoopback, null);
        }

        /**
         * Where a guest is that is told so by others than passt.
         *
         * @param address IPv4
         * @param prefix the length of its network's, in bits
         * @param gateway IPv4, in that network
         */
        public record Place(String address, int prefix, String gateway) {}

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("user");
            published.forEach(port -> text.append(',').append(PUBLISH).append(port));
            return text.append(hostLoopback ? "," + HOST_LOOPBACK + "=on" : "").toString();
        }
    }

    /** @throws ConfigException if the address is a group's or zero */
    public NetConfig {
        if (mac != null && !mac.isUnicast()) {
            throw new ConfigException(
                    "mac=" + mac + " is a group's address, not a card's; the first pair must be even");
        }
    }

    /**
     * Reads one as the command line has it.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}
     * @throws ConfigException if a value is out of range
     */
    public static NetConfig parse(String text) {
        int comma = text.indexOf(',');
        String kind = comma < 0 ? text : text.substring(0, comma);
        return switch (kind) {
            case "tap" -> parseTap(OptionWords.parse(text, KIND, TAP_KEYS));
            case "user" -> parseUser(text);
            default -> throw new IllegalArgumentException("'" + kind + "' is neither tap nor user: write " + SYNTAX);
        };
    }

    private static NetConfig parseTap(Map<String, String> words) {
        return new NetConfig(
                new Tap(
                        words.get("ifname"),
                        words.get("bridge"),
                        number("queues", words.getOrDefault("queues", "1")),
                        number("mtu", words.getOrDefault("mtu", "0"))),
                mac(words));
    }

    /** Of its words one may be there more than once. */
    private static NetConfig parseUser(String text) {
        List<String> words = List.of(text.split(",", -1));
        List<PublishedPort> published = words.stream()
                .filter(word -> word.startsWith(PUBLISH))
                .map(word -> PublishedPort.parse(word.substring(PUBLISH.length())))
                .toList();
        Stream<String> others = words.stream().filter(word -> !word.startsWith(PUBLISH));
        Map<String, String> values = OptionWords.parse(String.join(",", others.toList()), KIND, USER_KEYS);
        if (values.containsKey("publish")) {
            throw new IllegalArgumentException("publish lacks its ports: " + PUBLISH + PublishedPort.SYNTAX);
        }
        return new NetConfig(new User(published, isOn(values.getOrDefault(HOST_LOOPBACK, "off"))), mac(values));
    }

    private static boolean isOn(String text) {
        return switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException(HOST_LOOPBACK + "='" + text + "' is neither on nor off");
        };
    }

    private static @Nullable MacAddress mac(Map<String, String> words) {
        String mac = words.get("mac");
        return mac == null ? null : MacAddress.parse(mac);
    }

    private static int number(String key, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + "='" + text + "' is not a number", e);
        }
    }

    /** The card's address: a machine's n-th card has the same each time, another than other machines' with all likelihood. */
    public MacAddress macOf(String machineName, String id) {
        if (mac != null) {
            return mac;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((machineName + "/" + id).getBytes(StandardCharsets.UTF_8));
            long value = 0;
            for (int i = 0; i < MacAddress.SIZE; i++) {
                value = (value << 8) | (digest[i] & 0xFF);
            }
            // IEEE 802-2014 §8.2.2: of the first octet bit 1 says locally administered, bit 0 a group.
            return new MacAddress((value & ~(0x03L << 40)) | (0x02L << 40));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** Throws a {@link ConfigException} if two of a machine's cards have one address, or are on one tap. */
    static void requireDistinct(String machineName, List<NamedDevice> devices) {
        Map<Object, String> taken = new HashMap<>();
        for (NamedDevice device : devices) {
            if (device.config() instanceof NetConfig card) {
                String id = device.id();
                MacAddress address = card.macOf(machineName, id);
                requireFree(taken.put(address, id), id, "have the address " + address, "mac");
                if (card.attachment instanceof Tap tap && tap.interfaceName != null) {
                    requireFree(taken.put(tap.interfaceName, id), id, "are on the tap " + tap.interfaceName, "ifname");
                }
            }
        }
    }

    private static void requireFree(@Nullable String holder, String id, String what, String key) {
        if (holder != null) {
            throw new ConfigException(
                    "the network cards " + holder + " and " + id + " both " + what + "; give each its own " + key);
        }
    }

    @Override
    public String kind() {
        return "net";
    }

    @Override
    public String description() {
        return "virtio network: " + this + (attachment instanceof User user ? openPorts(user) : "");
    }

    private static String openPorts(User user) {
        List<PublishedPort> open =
                user.published().stream().filter(port -> port.address() == null).toList();
        return open.isEmpty()
                ? ""
                : " (open on all addresses: "
                        + open.stream().map(PublishedPort::bound).collect(Collectors.joining(", ")) + ")";
    }

    /** As {@link #parse} takes it, without what is as it always is. */
    @Override
    public String toString() {
        return attachment + (mac == null ? "" : ",mac=" + mac);
    }
}
