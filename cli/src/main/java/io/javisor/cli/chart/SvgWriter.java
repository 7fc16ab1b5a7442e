package io.javisor.cli.chart;

import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The few shapes of a chart, as elements of SVG. The XML writer escapes what it is given. */
final class SvgWriter {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    private static final String SANS = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif";
    private static final String MONO = "ui-monospace, 'Liberation Mono', 'DejaVu Sans Mono', Menlo, monospace";

    private final StringWriter shapes = new StringWriter();
    private final XMLStreamWriter xml = writer(shapes);

    /** What writes to memory does not fail. */
    private interface Writing {
        void run() throws XMLStreamException;
    }

    private static XMLStreamWriter writer(StringWriter out) {
        try {
            return XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out);
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Writing writing) {
        try {
            writing.run();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
    }

    void text(double x, double y, int size, String colour, String text) {
        text(x, y, size, colour, text, SANS, "start");
    }

    /** In the middle above or below {@code x}. */
    void centred(double x, double y, int size, String colour, String text) {
        text(x, y, size, colour, text, SANS, "middle");
    }

    /** In letters of one width. */
    void code(double x, double y, int size, String colour, String text) {
        text(x, y, size, colour, text, MONO, "start");
    }

    private void text(double x, double y, int size, String colour, String text, String font, String anchor) {
        write(() -> {
            xml.writeStartElement("text");
            attribute("x", x);
            attribute("y", y);
            xml.writeAttribute("font-size", Integer.toString(size));
            xml.writeAttribute("font-family", font);
            xml.writeAttribute("text-anchor", anchor);
            xml.writeAttribute("fill", colour);
            xml.writeAttribute("xml:space", "preserve"); // the kernel pads its time stamps
            xml.writeCharacters(text);
            xml.writeEndElement();
            xml.writeCharacters("\n");
        });
    }

    /** A bar that says {@code tip} when pointed at. */
    void bar(double x, double y, double width, double height, String colour, String tip) {
        write(() -> {
            xml.writeStartElement("rect");
            attribute("x", x);
            attribute("y", y);
            attribute("width", width);
            attribute("height", height);
            xml.writeAttribute("fill", colour);
            element("title", tip);
            xml.writeEndElement();
            xml.writeCharacters("\n");
        });
    }

    void line(double x1, double y1, double x2, double y2, String colour) {
        write(() -> {
            xml.writeEmptyElement("line");
            attribute("x1", x1);
            attribute("y1", y1);
            attribute("x2", x2);
            attribute("y2", y2);
            xml.writeAttribute("stroke", colour);
            xml.writeCharacters("\n");
        });
    }

    private void attribute(String name, double value) throws XMLStreamException {
        xml.writeAttribute(name, number(value));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private void element(String name, String text) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(text);
        xml.writeEndElement();
    }

    /** All shapes so far on white, as a document. */
    String document(double width, double height, String title, String description) {
        write(xml::flush);
        String size = number(width) + "\" height=\"" + number(height);
        SvgWriter head = new SvgWriter();
        write(() -> {
            head.element("title", title);
            head.xml.writeCharacters("\n");
            head.element("desc", description);
            head.xml.flush();
        });
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"" + NAMESPACE + "\" width=\"" + size
                + "\" viewBox=\"0 0 " + number(width) + " " + number(height) + "\" role=\"img\">\n" + head.shapes
                + "\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" + shapes + "</svg>\n";
    }
}
