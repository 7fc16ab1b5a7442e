package io.javisor.firmware.acpi;

import java.util.Arrays;
import java.util.HexFormat;

/** A piece of AML (ACPI 6.5 §20.2), encoded: an object, a statement or a value. {@link Aml} makes them. Immutable. */
public final class AmlTerm {
    private final byte[] encoding;

    private AmlTerm(byte[] encoding) {
        this.encoding = encoding;
    }

    /** Already encoded, copied. */
    static AmlTerm of(byte[] encoding) {
        return new AmlTerm(encoding.clone());
    }

    /** One byte after the other, each in its low 8 bits. */
    static AmlTerm ofBytes(int... units) {
        byte[] encoding = new byte[units.length];
        for (int i = 0; i < units.length; i++) {
            encoding[i] = (byte) units[i];
        }
        return new AmlTerm(encoding);
    }

    /** One term after the other. */
    static AmlTerm concat(AmlTerm... terms) {
        int size = 0;
        for (AmlTerm term : terms) {
            size += term.encoding.length;
        }
        byte[] joined = new byte[size];
        int at = 0;
        for (AmlTerm term : terms) {
            System.arraycopy(term.encoding, 0, joined, at, term.encoding.length);
            at += term.encoding.length;
        }
        return new AmlTerm(joined);
    }

    /** The encoding, a copy. */
    public byte[] bytes() {
        return encoding.clone();
    }

    /** The encoding's length. */
    public int sizeBytes() {
        return encoding.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AmlTerm term && Arrays.equals(encoding, term.encoding);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoding);
    }

    /** Hexadecimal. */
    @Override
    public String toString() {
        return HexFormat.ofDelimiter(" ").formatHex(encoding);
    }
}
