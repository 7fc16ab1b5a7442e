package io.javisor.cli.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.javisor.core.log.LineFile;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sets Logback up as {@link Logging} says. Standard output is the guest's: javisor speaks on standard error, and of what is wrong only. In Java, for
 * Logback's XML takes some 300 classes more, at every start.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        configure(loggers, Logging.settings(), Logging.file());
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    static void configure(LoggerContext loggers, LogSettings settings, @Nullable LineFile file) {
        Encoder<ILoggingEvent> encoder =
                switch (settings.format()) {
                    case TEXT -> text(loggers, file != null);
                    case JSON -> json();
                };
        encoder.setContext(loggers);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender =
                file == null ? to("STDERR", new Stream(null)) : to("FILE", new Stream(file));
        appender.setContext(loggers);
        appender.setEncoder(encoder);
        appender.start();
        LogLevels levels = settings.levels();
        level(loggers, org.slf4j.Logger.ROOT_LOGGER_NAME, levels);
        level(loggers, LogLevels.OURS, levels);
        levels.named().keySet().forEach(name -> level(loggers, name, levels));
        loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    private static void level(LoggerContext loggers, String name, LogLevels levels) {
        loggers.getLogger(name).setLevel(Level.toLevel(levels.of(name).name()));
    }

    private static Encoder<ILoggingEvent> text(LoggerContext loggers, boolean forFile) {
        LineLayout layout = new LineLayout(forFile);
        layout.setContext(loggers);
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setLayout(layout);
        return encoder;
    }

    /** Logback's own form, less what says nothing here; of the message what it comes to, not its pattern. */
    private static Encoder<ILoggingEvent> json() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMarkers(false);
        encoder.setWithMDC(false);
        encoder.setWithKVPList(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        return encoder;
    }

    private static OutputStreamAppender<ILoggingEvent> to(String name, OutputStream stream) {
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setName(name);
        appender.setOutputStream(stream);
        return appender;
    }

    /** Never fails: Logback would log nothing more after a disk that was full for a moment. */
    private static final class Stream extends OutputStream {
        private final @Nullable LineFile given;

        /** @param file null for standard error, until this process leaves that */
        Stream(@Nullable LineFile file) {
            given = file;
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            LineFile file = given == null ? Logging.file() : given;
            if (file == null) {
                System.err.write(bytes, offset, length);
            } else {
                file.write(Arrays.copyOfRange(bytes, offset, offset + length));
            }
        }
    }
}
