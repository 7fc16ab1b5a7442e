package io.javisor.oci.tar;

/** Numbers as archives write them. */
final class TarNumbers {
    private static final int NANOS_DIGITS = 9;
    private static final int BINARY = 0x80;
    private static final int NEGATIVE = 0x40;

    private TarNumbers() {}

    /** A moment. */
    record Time(long seconds, int nanos) {}

    /**
     * A field of a header: octal digits among spaces and NULs, of which nothing is 0; or, with the first bit set, GNU's binary number in two's complement.
     *
     * @param what for the message
     */
    static long field(byte[] block, int offset, int size, String what) throws TarSyntaxException {
        return (block[offset] & BINARY) == 0 ? octal(block, offset, size, what) : binary(block, offset, size, what);
    }

    private static long octal(byte[] block, int offset, int size, String what) throws TarSyntaxException {
        int from = offset;
        int end = offset + size;
        while (from < end && isBlank(block[from])) {
            from++;
        }
        while (from < end && isBlank(block[end - 1])) {
            end--;
        }
        long value = 0;
        // Twelve digits are 36 bits.
        for (int at = from; at < end && block[at] != 0; at++) {
            int digit = block[at] - '0';
            if ((digit & ~7) != 0) {
                throw new TarSyntaxException("its " + what + " is no octal number");
            }
            value = value << 3 | digit;
        }
        return value;
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == 0;
    }

    private static long binary(byte[] block, int offset, int size, String what) throws TarSyntaxException {
        boolean negative = (block[offset] & NEGATIVE) != 0;
        int invert = negative ? 0xFF : 0;
        long value = 0;
        for (int i = 0; i < size; i++) {
            int bits = (block[offset + i] ^ invert) & (i == 0 ? 0x7F : 0xFF);
            if (value >>> 55 != 0) {
                throw new TarSyntaxException("its " + what + " has more than 63 bits");
            }
            value = value << Byte.SIZE | bits;
        }
        return negative ? ~value : value;
    }

    /** Decimal digits, of a number that fits a long. */
    static long decimal(String text, String what) throws TarSyntaxException {
        boolean digits = !text.isEmpty();
        long value = 0;
        for (int i = 0; i < text.length() && digits; i++) {
            int digit = text.charAt(i) - '0';
            digits = digit >= 0 && digit <= 9 && value <= (Long.MAX_VALUE - digit) / 10;
            value = value * 10 + digit;
        }
        if (!digits) {
            throw new TarSyntaxException("its " + what + " is no decimal number of 63 bits");
        }
        return value;
    }

    /** Seconds in decimal, perhaps negative, perhaps with a fraction, of which nanoseconds are kept (POSIX.1-2017, pax, "mtime"). */
    static Time time(String text) throws TarSyntaxException {
        boolean negative = text.startsWith("-");
        int point = text.indexOf('.');
        long seconds = decimal(text.substring(negative ? 1 : 0, point < 0 ? text.length() : point), "mtime");
        int nanos = 0;
        if (point >= 0) {
            String fraction = text.substring(point + 1);
            for (int i = 0; i < fraction.length(); i++) {
                if (fraction.charAt(i) < '0' || fraction.charAt(i) > '9') {
                    throw new TarSyntaxException("its mtime is no decimal number");
                }
            }
            String kept = fraction.substring(0, Math.min(fraction.length(), NANOS_DIGITS));
            nanos = Integer.parseInt(kept + "0".repeat(NANOS_DIGITS - kept.length()));
        }
        if (!negative) {
            return new Time(seconds, nanos);
        }
        return nanos == 0 ? new Time(-seconds, 0) : new Time(-seconds - 1, 1_000_000_000 - nanos);
    }
}
