package io.javisor.container.spec;

import java.net.InetAddress;
import java.util.regex.Pattern;

/** Addresses of the internet, as numbers. */
final class Addresses {
    /** Java takes fewer numbers too. */
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private Addresses() {}

    /** Whether it is one, IPv4 or IPv6. */
    static boolean isOne(String text) {
        if (!IPV4.matcher(text).matches() && text.indexOf(':') < 0) {
            return false;
        }
        try {
            InetAddress _ = InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
