package io.javisor.emulator.decode;

/** How large an operand is. The table writes the token. */
public enum OperandSize {
    BYTE("b"),
    WORD("w"),
    DWORD("d"),
    QWORD("q"),
    /** 16 bytes; a vector of which the VEX form has as many as VEX.L says. */
    OWORD("o"),
    /** 16 bytes whatever VEX.L says. */
    XMM("X"),
    /** 16 or 32 bytes, by VEX.L. */
    VECTOR("x"),
    /** Half a vector in memory. */
    HALF("h"),
    QUARTER("hh"),
    EIGHTH("hhh"),
    /** 2, 4 or 8 bytes: the operand size. */
    V("v"),
    /** 2 bytes if the operand size is 2, else 4. */
    Z("z"),
    /** 8 bytes with REX.W in 64-bit mode, else 4. */
    Y("y"),
    /** 8 bytes in 64-bit mode, else 4. */
    NATURAL("n"),
    /** A register of 4 bytes or memory of one. */
    BYTE_OR_DWORD("bd"),
    /** A register of 4 bytes or memory of two. */
    WORD_OR_DWORD("wd"),
    /** A register of the operand size or memory of two bytes: a selector. */
    WORD_OR_V("wv"),
    /** MOVSXD's source: 2 bytes if the operand size is 2, else 4. */
    MOVSXD("x"),
    /** An immediate of a byte, sign-extended to the operand size. */
    SIGNED_BYTE("s"),
    /** x87's extended precision, 10 bytes. */
    TBYTE("t"),
    /** A far pointer in memory: offset of the operand size, then two bytes. */
    FAR("p"),
    /** A descriptor table's limit and base (6 or 10 bytes), or FSAVE's image (94 or 108). */
    SPECIAL("s"),
    /** BOUND's two limits. */
    PAIR("a"),
    /** FXSAVE's or XSAVE's image. */
    IMAGE("f"),
    /** FSTENV's image, 14 or 28 bytes. */
    ENVIRONMENT("e"),
    /** None: LEA's operand, an implied register. */
    NONE("");

    private final String token;

    OperandSize(String token) {
        this.token = token;
    }

    String token() {
        return token;
    }
}
