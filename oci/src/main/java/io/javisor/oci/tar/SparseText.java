package io.javisor.oci.tar;

import static io.javisor.oci.tar.TarLayout.BLOCK_SIZE;

import java.io.IOException;

/** The map of a sparse file in GNU tar's format 1.0: decimal numbers, each on a line, in whole blocks before the content. */
final class SparseText {
    private static final int DIGITS_MAX = 19;

    private final TarInput input;
    private final byte[] block = new byte[BLOCK_SIZE];
    private int at = BLOCK_SIZE;

    SparseText(TarInput input) {
        this.input = input;
    }

    SparseMap.Builder read() throws IOException, TarSyntaxException {
        SparseMap.Builder builder = new SparseMap.Builder();
        long count = number();
        for (long i = 0; i < count; i++) {
            long offset = number();
            builder.add(offset, number());
        }
        return builder;
    }

    private long number() throws IOException, TarSyntaxException {
        StringBuilder digits = new StringBuilder(DIGITS_MAX);
        while (true) {
            if (at == BLOCK_SIZE) {
                if (input.remaining() < BLOCK_SIZE) {
                    throw new TarSyntaxException("a sparse file's map that does not end");
                }
                input.readFully(block, 0, BLOCK_SIZE);
                at = 0;
            }
            char character = (char) (block[at++] & 0xFF);
            if (character == '\n') {
                return TarNumbers.decimal(digits.toString(), "map");
            }
            if (digits.length() == DIGITS_MAX) {
                throw new TarSyntaxException("a sparse file's map with a number of more than 63 bits");
            }
            digits.append(character);
        }
    }
}
