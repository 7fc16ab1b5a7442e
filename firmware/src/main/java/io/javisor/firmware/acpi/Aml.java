package io.javisor.firmware.acpi;

/**
 * Makes AML (ACPI 6.5 §20.2), each construct as ASL calls it. What it does not have yet is added when a table needs it. All methods throw
 * {@link IllegalArgumentException} for what AML cannot express.
 */
public final class Aml {
    private static final int ZERO_OP = 0x00;
    private static final int ONE_OP = 0x01;
    private static final int NAME_OP = 0x08;
    private static final int BYTE_PREFIX = 0x0A;
    private static final int WORD_PREFIX = 0x0B;
    private static final int DWORD_PREFIX = 0x0C;
    private static final int STRING_PREFIX = 0x0D;
    private static final int QWORD_PREFIX = 0x0E;
    private static final int SCOPE_OP = 0x10;
    private static final int BUFFER_OP = 0x11;
    private static final int PACKAGE_OP = 0x12;
    private static final int METHOD_OP = 0x14;
    private static final int EXT_OP_PREFIX = 0x5B;
    private static final int LOCAL0_OP = 0x60;
    private static final int ARG0_OP = 0x68;
    private static final int STORE_OP = 0x70;
    private static final int OP_REGION_OP = 0x80;
    private static final int FIELD_OP = 0x81;
    private static final int DEVICE_OP = 0x82;
    private static final int RETURN_OP = 0xA4;
    private static final int ONES_OP = 0xFF;

    private static final int REGION_SYSTEM_IO = 0x01;
    private static final int FIELD_BYTE_ACC = 0x01;

    private static final int LOCAL_COUNT = 8;
    private static final int ARG_COUNT = 7;

    /** PkgLength has 28 bits (§20.2.4). */
    private static final int PACKAGE_LENGTH_MAX = (1 << 28) - 1;

    private Aml() {}

    /** A table's body, or any other sequence. */
    public static AmlTerm terms(AmlTerm... terms) {
        return AmlTerm.concat(terms);
    }

    /** {@code Scope (path) { … }}. */
    public static AmlTerm scope(String path, AmlTerm... terms) {
        return packaged(AmlTerm.ofBytes(SCOPE_OP), AmlName.path(path), AmlTerm.concat(terms));
    }

    /** {@code Device (path) { … }}. */
    public static AmlTerm device(String path, AmlTerm... terms) {
        return packaged(AmlTerm.ofBytes(EXT_OP_PREFIX, DEVICE_OP), AmlName.path(path), AmlTerm.concat(terms));
    }

    /** {@code Name (path, value)}. */
    public static AmlTerm name(String path, AmlTerm value) {
        return AmlTerm.concat(AmlTerm.ofBytes(NAME_OP), AmlName.path(path), value);
    }

    /** {@code Method (path, argumentCount, NotSerialized) { … }}. */
    public static AmlTerm method(String path, int argumentCount, AmlTerm... terms) {
        if (argumentCount < 0 || argumentCount > ARG_COUNT) {
            throw new IllegalArgumentException("a method of " + argumentCount + " arguments");
        }
        return packaged(
                AmlTerm.ofBytes(METHOD_OP), AmlName.path(path), AmlTerm.ofBytes(argumentCount), AmlTerm.concat(terms));
    }

    /** An integer in its shortest form; unsigned, 64 bits. */
    public static AmlTerm integer(long value) {
        if (value == 0) {
            return AmlTerm.ofBytes(ZERO_OP);
        }
        if (value == 1) {
            return AmlTerm.ofBytes(ONE_OP);
        }
        if (value == -1) {
            return AmlTerm.ofBytes(ONES_OP);
        }
        if (value >>> 8 == 0) {
            return constant(BYTE_PREFIX, value, 1);
        }
        if (value >>> 16 == 0) {
            return constant(WORD_PREFIX, value, 2);
        }
        return value >>> 32 == 0 ? constant(DWORD_PREFIX, value, 4) : constant(QWORD_PREFIX, value, 8);
    }

    /** A string of ASCII without NUL. */
    public static AmlTerm string(String text) {
        int[] units = new int[text.length() + 2];
        units[0] = STRING_PREFIX;
        for (int i = 0; i < text.length(); i++) {
            units[i + 1] = text.charAt(i);
            if (units[i + 1] == 0 || units[i + 1] > 0x7F) {
                throw new IllegalArgumentException("not an AML string: '" + text + "'");
            }
        }
        return AmlTerm.ofBytes(units);
    }

    /** {@code EisaId (id)}, such as {@code PNP0501}. */
    public static AmlTerm eisaId(String id) {
        return constant(DWORD_PREFIX, AmlName.eisaId(id), 4);
    }

    /** {@code Buffer () { … }}. */
    public static AmlTerm buffer(byte[] content) {
        return packaged(AmlTerm.ofBytes(BUFFER_OP), integer(content.length), AmlTerm.of(content));
    }

    /** {@code Package () { … }} of up to 255 elements. */
    public static AmlTerm packageOf(AmlTerm... elements) {
        if (elements.length > 0xFF) {
            throw new IllegalArgumentException("a package of " + elements.length + " elements");
        }
        return packaged(AmlTerm.ofBytes(PACKAGE_OP), AmlTerm.ofBytes(elements.length), AmlTerm.concat(elements));
    }

    /** {@code OperationRegion (name, SystemIO, port, sizeBytes)}. */
    public static AmlTerm systemIoRegion(String name, int port, int sizeBytes) {
        return AmlTerm.concat(
                AmlTerm.ofBytes(EXT_OP_PREFIX, OP_REGION_OP),
                AmlName.path(name),
                AmlTerm.ofBytes(REGION_SYSTEM_IO),
                integer(port),
                integer(sizeBytes));
    }

    /** {@code Field (region, ByteAcc, NoLock, Preserve) { … }} of {@link #fieldUnit units}. */
    public static AmlTerm byteField(String region, AmlTerm... units) {
        return packaged(
                AmlTerm.ofBytes(EXT_OP_PREFIX, FIELD_OP),
                AmlName.path(region),
                AmlTerm.ofBytes(FIELD_BYTE_ACC),
                AmlTerm.concat(units));
    }

    /** A named unit of a field. */
    public static AmlTerm fieldUnit(String name, int bitCount) {
        return AmlTerm.concat(AmlName.segment(name), lengthEncoding(bitCount, lengthSize(bitCount)));
    }

    /** A reference to an object by its name. */
    public static AmlTerm reference(String path) {
        return AmlName.path(path);
    }

    /** {@code ArgN}, 0 to 6. */
    public static AmlTerm argument(int index) {
        return AmlTerm.ofBytes(ARG0_OP + within("Arg", index, ARG_COUNT));
    }

    /** {@code LocalN}, 0 to 7. */
    public static AmlTerm local(int index) {
        return AmlTerm.ofBytes(LOCAL0_OP + within("Local", index, LOCAL_COUNT));
    }

    /** {@code target = value}. */
    public static AmlTerm store(AmlTerm value, AmlTerm target) {
        return AmlTerm.concat(AmlTerm.ofBytes(STORE_OP), value, target);
    }

    /** {@code Return (value)}. */
    public static AmlTerm returnOf(AmlTerm value) {
        return AmlTerm.concat(AmlTerm.ofBytes(RETURN_OP), value);
    }

    /** An opcode, the PkgLength of itself and all that follows, and that. */
    private static AmlTerm packaged(AmlTerm opcode, AmlTerm... content) {
        AmlTerm body = AmlTerm.concat(content);
        return AmlTerm.concat(opcode, packageLength(body.sizeBytes()), body);
    }

    /** The PkgLength before {@code contentSize} bytes: it counts its own 1 to 4 bytes too. */
    static AmlTerm packageLength(int contentSize) {
        int size = 1;
        while (size < lengthSize(contentSize + size)) {
            size++;
        }
        return lengthEncoding(contentSize + size, size);
    }

    /** How many bytes a length takes: 6 bits in one, else 4 in the first and 8 in each further one. */
    private static int lengthSize(int length) {
        if (length < 0 || length > PACKAGE_LENGTH_MAX) {
            throw new IllegalArgumentException("an AML package of " + length + " bytes");
        }
        if (length <= 0x3F) {
            return 1;
        }
        if (length <= 0xFFF) {
            return 2;
        }
        return length <= 0xF_FFFF ? 3 : 4;
    }

    private static AmlTerm lengthEncoding(int length, int size) {
        if (size == 1) {
            return AmlTerm.ofBytes(length);
        }
        int[] units = new int[size];
        units[0] = ((size - 1) << 6) | (length & 0xF);
        for (int i = 1; i < size; i++) {
            units[i] = length >>> (4 + 8 * (i - 1));
        }
        return AmlTerm.ofBytes(units);
    }

    private static AmlTerm constant(int prefix, long value, int size) {
        int[] units = new int[size + 1];
        units[0] = prefix;
        for (int i = 0; i < size; i++) {
            units[i + 1] = (int) (value >>> (8 * i));
        }
        return AmlTerm.ofBytes(units);
    }

    private static int within(String what, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException(what + index);
        }
        return index;
    }
}
